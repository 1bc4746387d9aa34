"""Difficulties drawn by hypothesis: a spec that exists at a shape, what its numbers are like, and a script of steps."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from normspec.conformance.cases.code import name_of
from normspec.conformance.cases.draw import ALL, Difficulty, Noise
from normspec.conformance.cases.draw import cases as drawn
from normspec.conformance.fuzzing.specs import exists, specs
from normspec.layers import SPECS
from normspec.layers.fields import moves
from normspec.records import Case, Situation

Projection = Callable[[Any, Situation], Any]
"""From a spec to the nearest one that a subject can say in a situation, or None."""

LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 31, 64, 65, 130)
LARGEST = 3000
"""Elements of x, at most."""


@st.composite
def difficulties(draw: st.DrawFn, layers: tuple[str, ...], dtypes: tuple[str, ...], project: Projection | None = None) -> Difficulty:
    """Draw a difficulty of one of these layers, with x in one of these dtypes."""
    layer = draw(st.sampled_from(layers))
    shape = draw(_shapes())
    dtype, parameter_dtype = draw(st.sampled_from([pair for pair in ALL if pair[0] in dtypes]))
    spec = draw(specs(SPECS[layer], len(shape)))
    if project is not None:
        spec = project(spec, Situation(shape=shape, dtype=dtype, parameter_dtype=parameter_dtype))
    assume(spec is not None and exists(spec, shape))
    parameter_dtype = parameter_dtype if spec.slots(shape) else dtype  # of what it owns: nothing, that has no dtype
    observes = ("observe",) if "observe" in moves(spec) else ()
    modes = draw(st.lists(st.sampled_from(("train", "evaluate", "freeze", *observes)), min_size=1, max_size=5).map(tuple))
    traces = draw(_traces(len(modes)))
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
        deferred=draw(st.booleans()) and not set(dict(traces["resumes"])) - set(traces["anew"]),  # what is loaded ends what waits
        masked=_can_be_masked(spec, shape) and draw(st.integers(0, 3)) == 0,
        **traces,
    )


@st.composite
def _traces(draw: st.DrawFn, steps: int) -> dict[str, Any]:
    """Draw what befalls the layer between its steps: most follow the one before, some resume another, or are of a new layer."""
    resumes, anew = [], []
    for k in range(1, steps):
        event = draw(st.sampled_from(("follow", "follow", "follow", "resume", "anew", "both")))
        resumes += [(k, draw(st.integers(-1, k - 1)))] if event in ("resume", "both") else []
        anew += [k] if event in ("anew", "both") else []
    return {"resumes": tuple(resumes), "anew": tuple(anew)}


def case_of(d: Difficulty, seed: int = 0) -> Case:
    """Give the case of a difficulty that was drawn, whose name says all of it; another seed gives other numbers."""
    (case,) = drawn(Difficulty(**{**vars(d), "name": name_of(d)}), seed)
    return case


def _other(shape: tuple[int, ...], spec: Any) -> tuple[int, ...]:
    """Give a shape of another length along the first axis, if no parameter would be longer by that."""
    other = (shape[0] + 2, *shape[1:])
    same = exists(spec, other) and spec.geometry(other).owned == spec.geometry(shape).owned
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
