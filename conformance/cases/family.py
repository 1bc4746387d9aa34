"""Cases that every layer of a kind must have: for each field and law of its spec the difficulty in which it shows."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from normspec.conformance.cases.draw import ALL, EVERY, FLOAT32, HALF, MIXED, SEQUENCE, SINGLE, Difficulty, Dtypes, Modes, Noise
from normspec.conformance.cases.tangents import tangents
from normspec.layers.fields import arrays_of, moves

Shape = tuple[int, ...]
NEAR = Noise(offset=2.0**-6, spread=2.0**-5)
"""The variance, or the mean square, is about epsilon."""
LARGE = Noise(offset=300.0, spread=700.0)
"""Squares are beyond float16."""
ONCE: Modes = ("train",)
EACH: Modes = ("train", "evaluate", "freeze")


@dataclass(frozen=True, kw_only=True)
class Family:
    """One spec, and the shapes of x at which it is tried: the usual one, one of equal lengths, and one of few values per statistic.

    In the dtypes of `quick` some of its cases are in the quick profile. `other` are shapes of other ranks. x that is `near` shows epsilon,
    and one that is `large`, if any is, the dtype of statistics.
    """

    name: str
    spec: Any
    shape: Shape
    square: Shape | None
    few: Shape
    other: tuple[Shape, ...] = ()
    dtypes: Dtypes = EVERY
    quick: tuple[str, ...] = ()
    near: Noise = NEAR
    large: Noise | None = LARGE


def family(f: Family) -> Iterator[Difficulty]:
    """Give the difficulties of a family, in the order of its clauses."""
    names = {field.name for field in fields(f.spec)}
    yield from _fields(f, names)
    yield from _numbers(f, names)
    yield from _dtypes(f, names)
    yield from _laws(f)


def of(f: Family, about: str, name: str, **rest: Any) -> Difficulty:
    """Give a difficulty of a family: at its usual shape, in its dtypes, with one step of training, unless it is told otherwise."""
    told: dict[str, Any] = {"spec": f.spec, "shapes": (f.shape,), "modes": ONCE, "dtypes": f.dtypes, **rest}
    return Difficulty(about=about, name=f"{f.name}-{name}", **told)


def masked(f: Family) -> Iterator[Difficulty]:
    """Give masks over two axes of one length, and over what is no number."""
    told: dict[str, Any] = {"dtypes": FLOAT32, "masked": True}
    if f.square is not None:
        yield of(f, "mask", "masked-square", shapes=(f.square,), **told)
    yield of(f, "mask", "no-number-masked", hidden=True, **told)


def _fields(f: Family, names: set[str]) -> Iterator[Difficulty]:
    for about in sorted(name for name in names if name.endswith("axes")):
        yield of(f, about, "unequal", shapes=(max((f.shape, *f.other), key=len),))
        if f.square is not None:
            yield of(f, about, "square", shapes=(f.square,), dtypes=SINGLE)
    for about in ("scale", "shift", "offset", "threshold"):
        if about in names:
            for has in (True, False):
                at, own = _having(f.spec, about, has=has), getattr(f.spec, about) == has
                yield of(f, about, f"{has}".lower(), spec=at, dtypes=f.dtypes if own else SINGLE, quick=f.quick if own else ())
    if "one_value" in names and f.spec.geometry(f.shape).view == f.shape:
        one = (tuple(n if a in _kept(f) else 1 for a, n in enumerate(f.shape)),)
        yield of(f, "one_value", "one", shapes=one, modes=("train", "evaluate"))


def _numbers(f: Family, names: set[str]) -> Iterator[Difficulty]:
    if "epsilon" in names:
        yield of(f, "epsilon", "near", noise=f.near, quick=f.quick)
        if 0.0 in _points(f.spec, "epsilon"):
            yield of(f, "epsilon", "zero", spec=_exact(f.spec), noise=f.near, dtypes=SINGLE)
        for place in _points(f.spec, "epsilon_place") if "epsilon_place" in names else ():
            if place == "outside" and getattr(f.spec, "order", 2) == 1:
                continue  # it is inside there
            own = place == f.spec.epsilon_place and f.spec.epsilon > 0
            at = f.spec if own else replace(f.spec, epsilon=2.0**-6, epsilon_place=place)
            yield of(f, "epsilon_place", place, spec=at, noise=f.near if own else NEAR)
    if "correction" in names and not hasattr(f.spec, "observes"):
        yield of(f, "correction", "few", shapes=(f.few,))
        yield of(f, "correction", "sample", spec=replace(f.spec, correction=1), shapes=(f.few,), dtypes=SINGLE)


def _dtypes(f: Family, names: set[str]) -> Iterator[Difficulty]:
    if "statistics_dtype" in names and not hasattr(f.spec, "observes"):
        wide = replace(f.spec, statistics_dtype="widened")
        narrow = {"running_variance", "running_square", "batch_variance", "variance"}  # no state of these must be
        state = narrow & f.spec.slots(f.shape).keys()
        if f.large is not None and (state or f.dtypes != SINGLE):
            yield of(f, "statistics_dtype", "large", spec=wide, noise=f.large, dtypes=SINGLE + MIXED if state else f.dtypes)
        of_squares = getattr(f.spec, "variance", "") == "one_pass" or "running_square" in state
        half = HALF[:1] if of_squares else HALF  # of a difference of squares, bfloat16 keeps hardly a digit
        for rule, dtypes in (("input", half), ("float32", SINGLE)):  # about the output, for to be more accurate breaks no clause
            if rule != f.spec.statistics_dtype:
                at = replace(f.spec, statistics_dtype=rule)
                yield of(f, "output", f"statistics-in-{rule}", spec=at, noise=Noise(spread=3.0, drift=0.125), dtypes=dtypes)
    if "output_dtype" in names and arrays_of(f.spec, f.shape):
        mixed = ALL if f.dtypes == EVERY else SINGLE
        for rule in _points(f.spec, "output_dtype"):
            yield of(f, "output_dtype", rule, spec=replace(f.spec, output_dtype=rule), dtypes=mixed, quick=f.quick[:1])


def _laws(f: Family) -> Iterator[Difficulty]:
    laws = f.spec.laws
    steps: Modes = SEQUENCE if moves(f.spec) else ONCE
    yield of(f, "output", "usual", modes=steps, quick=f.quick)
    for shape in f.other:
        yield of(f, "output", f"rank-{len(shape)}-of-{shape[0]}", shapes=(shape,), modes=steps, dtypes=FLOAT32)
    if "modes" in laws:
        yield of(f, "modes", "each", modes=EACH, repeat=True, quick=f.quick[:1])
    yield of(f, "pullback", "last-first", modes=EACH, deferred=True)
    if "born" in laws:
        yield of(f, "born", "born", quick=f.quick[:1])
    if "variance" in {field.name for field in fields(f.spec)}:
        yield from _ladder(f)
    elif "accuracy" in laws:
        yield of(f, "accuracy", "mean-4-times-std", noise=Noise(offset=4.0))
    if "mask" in laws:
        yield of(f, "mask", "masked", modes=steps, masked=True)
    if "tangent.y" in laws:
        yield from tangents(f.name, f.spec, f.shape)


def _ladder(f: Family) -> Iterator[Difficulty]:
    yield of(f, "gradient.x", "constant", noise=Noise(flat=0))
    about, second = ("accuracy", 3) if f.spec.variance == "two_pass" else ("variance", 2)  # beyond it, one pass keeps no digits
    for power, dtypes in ((1, f.dtypes), (second, SINGLE)):
        yield of(f, about, f"mean-1e{power}-times-std", noise=Noise(offset=10.0**power), dtypes=dtypes)


def _points(spec: Any, name: str) -> tuple[Any, ...]:
    (found,) = (field.metadata["points"] for field in fields(spec) if field.name == name)
    return tuple(found)


def _exact(spec: Any) -> Any:
    return replace(spec, epsilon=0.0, **({"epsilon_place": "inside"} if hasattr(spec, "epsilon_place") else {}))


def _having(spec: Any, name: str, *, has: bool) -> Any:
    return replace(spec, **{name: has, **({"initial_scale": "one"} if hasattr(spec, "initial_scale") else {})})


def _kept(f: Family) -> tuple[int, ...]:
    return tuple(a for a in range(len(f.shape)) if a not in f.spec.geometry(f.shape).axes)
