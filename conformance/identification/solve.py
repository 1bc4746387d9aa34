"""Numbers that are solved for: epsilon, rate, order and the like, by least squares on what was shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from heapq import nsmallest
from typing import Any

import numpy as np

from normspec.conformance.distance import most
from normspec.conformance.expectation import expectation
from normspec.conformance.identification.closeness import away, fits, loss, meant, pairs, shown, worst
from normspec.conformance.identification.options import changed, starts, usual, value_at
from normspec.conformance.identification.records import Look

RATE = ("running.rate",)
"""It shows in the running statistics themselves, of whatever they do besides."""
ALONE = ("renorm_rate", "rate", "r_min", "r_max", "d_max", "order")
GROUPS = (("epsilon", "style_epsilon"), ("epsilon",), RATE, *((path,) for path in ALONE), ("coefficient", "exponent", "bias"))
"""What is solved for together."""
LOGARITHMIC = ("epsilon", "style_epsilon", "coefficient", "bias")
"""What is solved for on a logarithmic scale."""
STEP = 2.0**-24
"""By how much a number is moved for a derivative: what is shown is known to more than twice as many digits."""
STEPS = 12
BEST = 3
"""From how many numbers steps are taken: what is least far off at first may lead nowhere."""
SAME = 0.02
"""Share by which numbers that are easier to write may be farther away, where nothing is within bounds."""


def group_of(spec: Any, path: str) -> tuple[str, ...]:
    """Give the numbers that are solved for together with the one at a path: none where the layer has them not, or none is solved for."""
    return next((g for g in GROUPS if path in g and all(value_at(spec, p) is not None for p in g)), ())  # 0 is a value, too


def solved(looks: Sequence[Look], spec: Any, group: tuple[str, ...], *, anew: bool) -> Any:
    """Give the spec with the numbers that fit best, from where they are or, `anew`, from the best of those to begin with."""
    begun = [spec, *(_with(spec, group, values) for values in starts(group))] if anew else [spec]
    best = nsmallest(BEST, (s for s in begun if s is not None), key=lambda s: loss(looks, s))
    return min((_descended(looks, s, group) for s in best), key=lambda s: loss(looks, s))


def _with(spec: Any, group: tuple[str, ...], values: Sequence[float]) -> Any:
    for path, value in zip(group, values, strict=True):
        spec = None if spec is None else changed(spec, path, value)
    return spec


def _descended(looks: Sequence[Look], spec: Any, group: tuple[str, ...]) -> Any:
    """Take steps of Gauss and Newton, each halved until it is an improvement. On a logarithmic scale, 0 stays where it is."""
    group = tuple(path for path in group if path not in LOGARITHMIC or value_at(spec, path) != 0)
    if not group:
        return spec
    here = _off(looks, spec, group)
    for _ in range(STEPS):
        step = _newton(looks, spec, group, here)
        better = next(_improved(looks, spec, group, step, here), None) if here is not None and step is not None else None
        if better is None:
            return spec
        found, there = better
        gain = np.linalg.norm(here) / max(float(np.linalg.norm(there)), 1e-300)
        spec, here = found, there
        if gain < 1 + SAME:
            return spec
    return spec


def _improved(looks: Sequence[Look], spec: Any, group: tuple[str, ...], step: Any, here: Any) -> Iterator[tuple[Any, Any]]:
    for share in (1.0, 0.5, 0.25, 0.0625):
        moved = _moved(spec, group, share * step)
        there = None if moved is None else _off(looks, moved, group)
        if there is not None and there.shape == here.shape and np.linalg.norm(there) < np.linalg.norm(here):
            yield moved, there


def _newton(looks: Sequence[Look], spec: Any, group: tuple[str, ...], here: Any) -> Any:
    columns = []
    for k in range(len(group)):
        way = np.eye(len(group))[k] * STEP
        moved = _moved(spec, group, way)
        moved, way = (moved, way) if moved is not None else (_moved(spec, group, -way), -way)
        there = None if moved is None else _off(looks, moved, group)
        if here is None or there is None or there.shape != here.shape:
            return None
        columns.append((there - here) / way[k])
    return np.clip(np.linalg.lstsq(np.stack(columns, axis=1), -here, rcond=1e-12)[0], -4, 4)


def _moved(spec: Any, group: tuple[str, ...], by: Any) -> Any:
    for path, step in zip(group, by, strict=True):
        value = value_at(spec, path) if spec is not None else None
        if value is None or (path in LOGARITHMIC and value == 0):
            return None
        moved = float(value * np.exp(step)) if path in LOGARITHMIC else float(value + step)
        spec = changed(spec, path, min(max(moved, 0.0), 1.0) if path == "running.rate" else moved)
    return spec


def _off(looks: Sequence[Look], spec: Any, group: tuple[str, ...]) -> Any:
    """Give all relative differences in a row, or None where there is no such layer."""
    rows = []
    for look in looks:
        if "seen" in look.answer.texts and shown(look, spec) is None:
            return None
        for quantity, value, got in pairs(look, spec):
            told = group != RATE or quantity.partition(".")[2].startswith("running_")
            if told and got is not None and np.shape(got) == np.shape(value) and np.asarray(got).dtype.kind not in "iub":
                rows.append(_row(look, quantity, np.asarray(value).astype(np.float64), np.asarray(got).astype(np.float64)))
    return np.concatenate(rows) if rows else None


def _row(look: Look, quantity: str, value: Any, got: Any) -> Any:
    """Give the relative differences of a quantity: where y has the signs of x, logarithms of quotients, of which powers are linear."""
    step, _, name = quantity.partition(".")
    with np.errstate(all="ignore"):
        if name == "y" and np.all(np.asarray(look.case.steps[int(step)].inputs["x"]).astype(np.float64) * got > 0):
            row = np.log(np.abs(value / got))
        else:
            row = np.arcsinh((value - got) / np.sqrt(np.mean(got**2)))  # what is far off says little of how far
    return np.where(np.isfinite(row), row, 0.0).ravel()


def written(looks: Sequence[Look], spec: Any, group: tuple[str, ...]) -> Any:
    """Give the spec with its solved numbers as people write them, as far as what was shown allows."""
    looks = [look for look in looks if worst(look, spec)[0] <= 1] or looks  # those of which nothing else is wrong
    for path in group:
        least = max(1.0, away(looks, spec) * (1 + SAME))
        for value in usual(value_at(spec, path)):
            simple = changed(spec, path, value)
            if simple is not None and fits(looks, simple, least):
                spec = simple
                break
    return spec


def interval(looks: Sequence[Look], spec: Any, path: str) -> tuple[float, float]:
    """Give the smallest and the largest value that the numbers allow, all else being as measured."""
    value = value_at(spec, path)
    allowed = {look: _bounds(look, spec) for look in looks}

    def allows(v: float) -> bool:
        other = changed(spec, path, v)
        return other is not None and all(_within(look, other, bounds) for look, bounds in allowed.items())

    if value == 0:
        return 0.0, _edge(lambda k: allows(2.0**k), -200, 8, value=lambda k: 2.0**k)

    def times(k: float, sign: int) -> float:
        return float(value * (1 + sign * 2.0**k))

    least = _edge(lambda k: allows(times(k, -1)), -54, 0, value=lambda k: times(k, -1))
    return least, _edge(lambda k: allows(times(k, 1)), -54, 8, value=lambda k: times(k, 1))


def _edge(allows: Callable[[float], bool], low: float, high: float, *, value: Callable[[float], float]) -> float:
    """Give the value at the largest exponent that is allowed, as far as eight halvings find it."""
    if allows(high):
        return value(high)
    for _ in range(9):
        middle = (low + high) / 2
        low, high = (middle, high) if allows(middle) else (low, middle)
    return value(low)


def _bounds(look: Look, spec: Any) -> dict[str, Any]:
    case = meant(look, spec)
    return {} if case is None else {e.quantity: e for e in expectation(case) if not e.refused and np.any(e.bound)}


def _within(look: Look, spec: Any, bounds: dict[str, Any]) -> bool:
    for quantity, value, got in pairs(look, spec):
        if got is None or quantity not in bounds or np.shape(got) != np.shape(value):
            continue
        if most(look.case, replace(bounds[quantity], value=value), got) > 1:
            return False
    return True
