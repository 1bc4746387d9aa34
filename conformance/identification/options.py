"""What is tried for each field: its points, and what the shape of x offers besides."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from itertools import combinations, product
from math import prod
from typing import Any

from normspec.clauses import neighbours
from normspec.dtypes import FLOATS
from normspec.errors import NormspecError
from normspec.layers import spec_of
from normspec.layers.fields import PARAMETERS
from normspec.layers.running import KEPT

Shape = tuple[int, ...]

AXES = ("axes", "parameter_axes", "channel_axes", "batch_axes")
MOST = 5
"""Iterations that are tried."""

TOGETHER = {
    "fraction": ("axes",),
    "first": ("iterations",),
    "grouping": ("groups",),
    "axes": ("correction",),
    "batch_axes": ("channel_axes", "correction"),
    "channel_axes": ("correction",),
    "after": ("before",),
    "invert": ("epsilon_place",),
    "running.start": ("running.correction",),
    "observed": ("running.correction",),
}
"""Fields of which one alone shows nothing while the other is wrong."""

SILENT = {"divide": {"epsilon": 0.0, "epsilon_place": "inside", "correction": 0, "variance": "two_pass"}}
"""What fields say nothing, and are, where a field is False."""


def value_at(spec: Any, path: str) -> Any:
    """Give the value of the field at a path, or None where the record that has it is not there."""
    head, _, rest = path.partition(".")
    value = getattr(spec, head, None)
    return value_at(value, rest) if rest and value is not None else value


def changed(spec: Any, path: str, value: Any) -> Any:
    """Give a spec with the field at a path changed, and what then says nothing; or None where there is no such layer."""
    head, _, rest = path.partition(".")
    if rest:
        record = getattr(spec, head)
        if record is None:
            return None
        with suppress(NormspecError):
            return replace(spec, **{head: replace(record, **{rest: value})})
        return None
    attempts: tuple[dict[str, Any], ...] = (
        {},
        {"epsilon_place": "inside"},
        {"epsilon_place": "inside", "at_zero": "zero"},
        {"at_zero": "zero"},
        {"initial_scale": "one"},
    )
    own = SILENT.get(path, {}) if value is False else {}
    for more in attempts:
        if all(hasattr(spec, name) for name in more) and path not in more:
            with suppress(NormspecError):
                return replace(spec, **{**own, **more, head: value})
    return None


def options(spec: Any, path: str, shape: Shape) -> tuple[Any, ...]:
    """Give the values that are tried for the field at a path, the narrowest promise first."""
    if path in AXES:
        least, most = _how_many(spec, path, len(shape))
        return tuple(axes for n in range(least, most + 1) for axes in combinations(range(len(shape)), n))
    if path == "fraction":
        n = prod(shape[a] for a in spec.at_rank(len(shape)).axes)
        return tuple(share(k, n) for k in range(n, 0, -1))
    if path == "groups":
        (axis,) = spec.at_rank(len(shape)).channel_axes
        return tuple(n for n in range(1, shape[axis] + 1) if shape[axis] % n == 0)
    if path in ("before", "after"):
        (axis,) = spec.at_rank(len(shape)).channel_axes
        return tuple(range(shape[axis]))
    if path == "iterations":
        return tuple(range(1, MOST + 1))
    return points(spec, path)


def points(spec: Any, path: str) -> tuple[Any, ...]:
    """Give the points of the field at a path, that of a record being the one that is there."""
    found = [value_at(other, path) for other in neighbours(spec, path)]
    here = value_at(spec, path)
    ordered = {"warm_up": (15, 0)}.get(path) or tuple(p for p in _declared(type(spec), path) if p in found or p == here)
    return tuple(here if is_dataclass(p) and is_dataclass(here) else p for p in ordered)


def _declared(record: type, path: str) -> tuple[Any, ...]:
    head, _, rest = path.partition(".")
    (found,) = (f for f in fields(record) if f.name == head)
    return _declared(found.metadata["record"], rest) if rest else found.metadata["points"]


def _how_many(spec: Any, path: str, rank: int) -> tuple[int, int]:
    """Give how many axes a field may have: what its rule says of none and of two."""
    if path in ("parameter_axes", "batch_axes"):
        return 0, rank
    none, two = (changed(spec, path, axes) is not None for axes in ((), (0, 1)[:rank]))
    return 0 if none else 1, rank if two else 1


SHARES = (1.0, 0.5, 0.25, 0.75, 0.125, *(k / 10 for k in range(1, 10)))
"""Fractions that people write."""


def share(k: int, n: int) -> float:
    """Give the fraction that takes k of n values: one that people write, or else the least."""
    return next((f for f in SHARES if max(int(f * n), 1) == k), k / n)


def start(layer: str, shape: Shape, arrays: Mapping[str, Shape]) -> Any:
    """Give the point from which the search starts: of every field the first point, but for what the arrays that are there say."""
    spec, rank = spec_of(layer), len(shape)
    values = {f.name: f.metadata["points"][0] for f in fields(spec)}
    values |= {name: name in arrays for name in PARAMETERS if name in values}
    if "running" in values:
        kept = replace(KEPT, start="debiased") if "count" in arrays else KEPT
        values["running"] = kept if "running_mean" in arrays or layer == "batch_renorm" else None
    values |= {"one_value": "shift"} if "one_value" in values else {}  # which takes any x
    values |= {"observes": "count" in arrays} if "observes" in values else {}
    values |= _averages(arrays) if "averaged" in values else {}
    axes = {name: value for name, value in values.items() if name in AXES and any(not -rank <= a < rank for a in value)}
    first = spec(**{**values, **dict.fromkeys(axes, (rank - 1,))}).at_rank(rank)
    return next((s for s in placed(first, shape) if _owns(s, shape, arrays)), first)


def _averages(arrays: Mapping[str, Shape]) -> dict[str, Any]:
    """Give what the arrays that are there say of averages."""
    sizes = [size for size in ("deviation", "variance") if f"running_{size}" in arrays]
    own = {"renorm_rate": 0.25} if "renorm_mean" in arrays else {}
    return {"averaged": "both" if len(sizes) > 1 else (sizes or ["deviation"])[0], **own}


def turned(spec: Any) -> Any:
    """Give another point from which to start: every field at its last point, but for those that say where arrays lie."""
    for path in ("correction", "style_correction", "epsilon_place", "first", "edges", "invert", "train_with"):
        if hasattr(spec, path):
            spec = changed(spec, path, points(spec, path)[-1]) or spec
    return changed(spec, "one_value", "refuse") if hasattr(spec, "one_value") else spec


def placed(spec: Any, shape: Shape) -> Iterator[Any]:
    """Give the spec, then those with other places of parameters and state."""
    yield spec
    own = [path for path in (*AXES, "scale_per", "groups", "grouping", "first", "evaluation") if hasattr(spec, path)]
    for values in product(*(options(spec, path, shape) for path in own)):
        found = spec
        for path, value in zip(own, values, strict=True):
            found = found and changed(found, path, value)
        if found is not None:
            yield found


def _owns(spec: Any, shape: Shape, arrays: Mapping[str, Shape]) -> bool:
    """Tell whether a layer of a spec owns arrays of these shapes alone."""
    try:
        return all(arrays.get(name) == slot.shape for name, slot in spec.slots(shape).items())
    except NormspecError:
        return False


SMALL = 1e-6
"""A number below which 0 is tried."""


def usual(value: float) -> Iterator[float]:
    """Give the numbers near a measured one that people write, the simplest first: 0.1, 2 ** -10, the spacing of a dtype, decimals."""
    if value < SMALL:
        yield 0.0
    near = [v for v in (*(2.0**k for k in range(-60, 6)), 0.0) if abs(v - value) <= 1e-3 * abs(value)]
    decimals = [float(f"{value:.{digits}e}") for digits in range(17)]
    complements = [1 - float(f"{1 - value:.{digits}e}") for digits in range(4)] if 0 < value < 1 else []
    spacings = [2 * f.roundoff for f in FLOATS.values()]
    simple = [v for v in (*decimals[:4], *near, *spacings, *complements, *decimals[4:]) if abs(v - value) <= 1e-3 * abs(value)]
    yield from dict.fromkeys(simple)


def grid(path: str) -> tuple[float, ...]:
    """Give where to begin to solve for a number."""
    return GRIDS[path]


GRIDS: dict[str, tuple[float, ...]] = {
    "epsilon": (0.0, *(2.0**k for k in range(-104, 5, 4))),
    "style_epsilon": (0.0, *(2.0**k for k in range(-40, 5, 10))),
    **dict.fromkeys(("running.rate", "renorm_rate", "rate"), (0.0, 0.001, 0.01, 0.1, 0.3, 0.6, 0.9, 0.99, 1.0)),
    "r_min": (0.0, 0.5, 0.75, 0.9, 1.0),
    "r_max": (1.0, 1.1, 1.5, 3.0),
    "d_max": (0.0, 0.1, 0.25, 1.0),
    "order": (1.0, 1.5, 2.0, 3.0, 5.0),
    "coefficient": (0.0, *(2.0**k for k in range(-28, 3, 3))),
    "exponent": (0.25, 0.5, 0.75, 1.0, 2.0),
    "bias": (0.5, 1.0, 2.0),
}
"""The numbers that are solved for, and where to begin."""


def starts(group: tuple[str, ...]) -> Iterator[tuple[float, ...]]:
    """Give every combination of numbers from which to begin."""
    yield from product(*(GRIDS[path] for path in group))
