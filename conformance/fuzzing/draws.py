"""Difficulties drawn by hypothesis: a spec that exists at a shape, what its numbers are like, and a script of steps."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from normspec.conformance.cases.code import name_of
from normspec.conformance.cases.draw import ALL, Difficulty, Modes, Noise
from normspec.conformance.cases.draw import cases as drawn
from normspec.conformance.cases.tangents import modes_of
from normspec.conformance.fuzzing.specs import exists, specs
from normspec.dtypes import statistics
from normspec.layers import SPECS
from normspec.layers.fields import arrays_of, moves
from normspec.records import Case, Layout, Shards, Situation

Projection = Callable[[Any, Situation], Any]
"""From a spec to the nearest one that a subject can say in a situation, or None."""

LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 31, 64, 65, 130)
PRECISE = ("float64", "float32")
"""Dtypes of x in which derivatives along a direction are asked for."""
CUTS: Mapping[Shards, tuple[str, ...]] = {"none": (), "equal": ("equal",), "any": ("equal", "any")}
"""How an x may be cut, by the shards that a subject takes."""
LARGEST = 3000
"""Elements of x, at most."""


@dataclass(frozen=True)
class Space:
    """What is drawn from: layers, dtypes of x, layouts besides the usual one, shards, and of all specs those that a subject can say.

    With `tangents`, derivatives along a direction are drawn, too.
    """

    layers: tuple[str, ...]
    dtypes: tuple[str, ...]
    layouts: tuple[Layout, ...] = ()
    shards: Shards = "none"
    tangents: bool = False
    project: Projection | None = None


@st.composite
def difficulties(draw: st.DrawFn, space: Space) -> Difficulty:
    """Draw a difficulty."""
    layer = draw(st.sampled_from(space.layers))
    shape = draw(_shapes())
    dtype, parameter_dtype = draw(st.sampled_from([pair for pair in ALL if pair[0] in space.dtypes]))
    spec = draw(specs(SPECS[layer], len(shape)))
    if space.project is not None:
        spec = space.project(spec, Situation(shape=shape, dtype=dtype, parameter_dtype=parameter_dtype))
    assume(spec is not None and exists(spec, shape))
    owns = any(slot.role != "input" for slot in arrays_of(spec, shape).values())
    parameter_dtype = parameter_dtype if owns else dtype  # of nothing, that has no dtype
    masked = _can_be_masked(spec, shape) and draw(st.integers(0, 3)) == 0
    tangents = space.tangents and not masked and _can_be_differentiated(spec, dtype) and draw(st.integers(0, 7)) == 0
    modes = modes_of(spec) if tangents else draw(_modes(spec))
    traces = draw(_traces(1 if tangents else len(modes)))
    steps = [shape, *draw(st.lists(st.sampled_from((shape, _other(shape, spec))), max_size=len(modes) - 1))]
    return Difficulty(
        about="tangent.gradient" if tangents else "output",
        name="",
        spec=spec,
        shapes=tuple(steps),
        modes=modes,
        dtypes=((dtype, parameter_dtype),),
        noise=draw(_noises()),
        count=draw(st.sampled_from((0, 1, 3, 1000))),
        repeat=draw(st.booleans()) and len(set(steps)) == 1,
        deferred=draw(st.booleans()) and not set(dict(traces["resumes"])) - set(traces["anew"]),  # what is loaded ends what waits
        masked=masked,
        tangents=tangents,
        shards=draw(_shards(space.shards, shape[0])) if _can_be_cut(spec, shape) and not masked and len(set(steps)) == 1 else (),
        layout=draw(_layouts(space.layouts, spec.slots(shape))),
        **traces,
    )


def _modes(spec: Any) -> st.SearchStrategy[Modes]:
    observes = ("observe",) if "observe" in moves(spec) else ()
    return st.lists(st.sampled_from(("train", "evaluate", "freeze", *observes)), min_size=1, max_size=5).map(tuple)


@st.composite
def _shards(draw: st.DrawFn, kinds: Shards, n: int) -> tuple[int, ...]:
    """Draw how the first axis is cut: most not at all, some in equal parts, some anywhere, so that shards may be without values."""
    kind = draw(st.sampled_from(("none",) * 6 + CUTS[kinds]))
    if kind == "equal":
        parts = draw(st.sampled_from([k for k in range(1, 9) if n % k == 0]))
        return (n // parts,) * parts
    ends = sorted(draw(st.lists(st.integers(0, n), min_size=1, max_size=3))) if kind == "any" else []
    return tuple(end - begin for begin, end in pairwise([0, *ends, n])) if ends else ()


@st.composite
def _traces(draw: st.DrawFn, steps: int) -> dict[str, Any]:
    """Draw what befalls the layer between its steps: most follow the one before, some resume another, or are of a new layer."""
    resumes, anew = [], []
    for k in range(1, steps):
        event = draw(st.sampled_from(("follow", "follow", "follow", "resume", "anew", "both")))
        resumes += [(k, draw(st.integers(-1, k - 1)))] if event in ("resume", "both") else []
        anew += [k] if event in ("anew", "both") else []
    return {"resumes": tuple(resumes), "anew": tuple(anew)}


@st.composite
def _layouts(draw: st.DrawFn, layouts: tuple[Layout, ...], slots: dict[str, Any]) -> tuple[tuple[str, Layout], ...]:
    """Draw how x and dy lie in memory, most row after row; and whether what the layer owns is strided, which alone its arrays may be.

    None is expanded: equal numbers are rounded alike, so that in a long sum in a row their errors add up, of which no bound knows.
    """
    given = [(name, draw(st.sampled_from((None, None, *(layout for layout in layouts if layout != "expanded"))))) for name in ("x", "dy")]
    owned = "strided" in layouts and draw(st.integers(0, 3)) == 0
    laid: list[tuple[str, Layout]] = [(name, "strided") for name, slot in slots.items() if owned and slot.role != "count"]
    return (*((name, layout) for name, layout in given if layout is not None), *laid)


def case_of(d: Difficulty, seed: int = 0) -> Case:
    """Give the case of a difficulty that was drawn, whose name says all of it; another seed gives other numbers."""
    (case,) = drawn(Difficulty(**{**vars(d), "name": name_of(d)}), seed)
    return case


def _other(shape: tuple[int, ...], spec: Any) -> tuple[int, ...]:
    """Give a shape of another length along the first axis, if no parameter would be longer by that."""
    other = (shape[0] + 2, *shape[1:])
    same = exists(spec, other) and spec.geometry(other).owned == spec.geometry(shape).owned
    return other if same and _shapes_of(spec, other) == _shapes_of(spec, shape) else shape


def _can_be_differentiated(spec: Any, dtype: str) -> bool:
    """Tell whether derivatives along a direction are asked for: where the oracle rounds on the way, as a spec may say, there are none."""
    whole = dtype in PRECISE and statistics(spec, dtype) == dtype and getattr(spec, "rounding", "last") == "last"
    return whole and "tangent.gradient" in spec.laws and bool(modes_of(spec))


def _can_be_cut(spec: Any, shape: tuple[int, ...]) -> bool:
    return "shards" in spec.laws and 0 not in spec.at_rank(len(shape)).channel_axes


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
