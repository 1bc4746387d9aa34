"""Difficulties drawn by hypothesis: a spec that exists at a shape, what its numbers are like, and a script of steps.

They stay where a case can be judged: numbers neither so large nor so small that their squares leave the dtype in which statistics
are taken, and a bound of y that is small beside y. What lies beyond has cases of its own.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from normspec.conformance.bounds import bounds
from normspec.conformance.cases.code import name_of
from normspec.conformance.cases.draw import ALL, Difficulty, Noise
from normspec.conformance.cases.draw import cases as drawn
from normspec.conformance.fuzzing.specs import specs
from normspec.conformance.oracle import truth
from normspec.dtypes import FLOATS, of_slots, output, statistics
from normspec.errors import InvalidInput, NormspecError
from normspec.layers import SPECS
from normspec.layers.fields import moves
from normspec.records import Case, Situation

Projection = Callable[[Any, Situation], Any]
"""From a spec to the nearest one that a subject can say in a situation, or None."""

LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 31, 64, 65, 130)
LARGEST = 3000
"""Elements of x, at most."""
LARGE, JUDGED = 1 / 64, 1 / 8
"""Shares: of the largest number, up to which sums of squares may come; of y, up to which its bound may."""


@st.composite
def difficulties(draw: st.DrawFn, layers: tuple[str, ...], dtypes: tuple[str, ...], project: Projection | None = None) -> Difficulty:
    """Draw a difficulty of one of these layers, with x in one of these dtypes."""
    layer = draw(st.sampled_from(layers))
    shape = draw(_shapes())
    dtype, parameter_dtype = draw(st.sampled_from([pair for pair in ALL if pair[0] in dtypes]))
    spec = draw(specs(SPECS[layer], len(shape)))
    if project is not None:
        spec = project(spec, Situation(shape=shape, dtype=dtype, parameter_dtype=parameter_dtype))
    assume(spec is not None and _exists(spec, shape))
    observes = ("observe",) if "observe" in moves(spec) else ()
    modes = draw(st.lists(st.sampled_from(("train", "evaluate", "freeze", *observes)), min_size=1, max_size=5).map(tuple))
    steps = [shape, *draw(st.lists(st.sampled_from((shape, _other(shape, spec))), max_size=len(modes) - 1))]
    return Difficulty(
        about="output",
        name="",
        spec=spec,
        shapes=tuple(steps),
        modes=modes,
        dtypes=((dtype, parameter_dtype),),
        noise=draw(_noises()),
        count=draw(st.sampled_from((0, 1, 3, 1000))),
        repeat=draw(st.booleans()) and len(set(steps)) == 1,
        deferred=draw(st.booleans()),
        masked=_can_be_masked(spec, shape) and draw(st.integers(0, 3)) == 0,
    )


def case_of(d: Difficulty) -> Case:
    """Give the case of a difficulty that was drawn, whose name says all of it."""
    (case,) = drawn(Difficulty(**{**vars(d), "name": name_of(d)}))
    return case


def judgeable(case: Case) -> bool:
    """Tell whether an honest layer can be told from a wrong one in a case: else nothing may be concluded from it."""
    kind = FLOATS[statistics(case.spec, case.situation.dtype)]
    for step in case.steps:
        x = np.abs(np.asarray(step.inputs["x"]).astype(np.float64))
        if x.size * np.max(x, initial=0) ** 2 > kind.largest * LARGE:
            return False
    seen, dtypes = truth(case), {**of_slots(case.spec, case.situation), "y": output(case.spec, case.situation)}
    if any(str(value).startswith(InvalidInput.__name__) for quantity, value in seen.items() if quantity.endswith(".raised")):
        return False  # an x on which there is no such layer
    with np.errstate(all="ignore"):
        allowed = bounds(case, seen)
    for quantity, bound in allowed.items():
        name = quantity.partition(".")[2]
        size = np.max(np.abs(np.asarray(seen[quantity]).astype(np.float64)), initial=0)
        if not np.all(np.isfinite(bound)) or size > FLOATS[dtypes.get(name, case.situation.dtype)].largest * LARGE:
            return False
        if name == "y" and np.max(bound, initial=0) > size * JUDGED:
            return False
    return True


def _exists(spec: Any, shape: tuple[int, ...]) -> bool:
    try:
        spec.geometry(shape)
        spec.slots(shape)
    except NormspecError:
        return False
    return True


def _other(shape: tuple[int, ...], spec: Any) -> tuple[int, ...]:
    """Give a shape of another length along the first axis, if no parameter would be longer by that."""
    other = (shape[0] + 2, *shape[1:])
    same = _exists(spec, other) and spec.geometry(other).owned == spec.geometry(shape).owned
    return other if same and _shapes_of(spec, other) == _shapes_of(spec, shape) else shape


def _shapes_of(spec: Any, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {name: slot.shape for name, slot in spec.slots(shape).items()}


def _can_be_masked(spec: Any, shape: tuple[int, ...]) -> bool:
    kept = getattr(spec.at_rank(len(shape)), "channel_axes", ())
    return "mask" in spec.laws and any(n > 1 for axis, n in enumerate(shape) if axis not in kept)


@st.composite
def _shapes(draw: st.DrawFn) -> tuple[int, ...]:
    shape: list[int] = []
    for _ in range(draw(st.integers(1, 5))):
        shape.append(draw(st.sampled_from([n for n in LENGTHS if n * np.prod(shape) <= LARGEST])))
    return tuple(shape)


def _noises() -> st.SearchStrategy[Noise]:
    spread = st.integers(-6, 6).map(lambda k: 2.0**k)
    ratio = st.sampled_from((0.0, 0.0, 1.0, -4.0, 16.0, -64.0))
    flat: Iterable[int | None] = (None, None, None, 0)
    return st.builds(lambda s, r, f: Noise(offset=s * r, spread=s, flat=f), spread, ratio, st.sampled_from(tuple(flat)))
