"""Bounds of batch layer normalization: docs/bounds.md, applied to each step of a case. Both normalizations are bounded, then their sum."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from normspec.conformance.bounds import running as r
from normspec.conformance.bounds import standardize as s
from normspec.conformance.bounds.normalize import NOTHING
from normspec.conformance.lineage import LOADED, before
from normspec.layers.batch_layer_norm import OF_EPOCH, STATE, sides
from normspec.layers.geometry import Geometry
from normspec.records import Case

Floats = Any
Kept = dict[str, Floats]


@dataclass(frozen=True)
class Side:
    """One of the two normalizations, with its weight, the error of that, and whether the variance is of this x."""

    at: s.Normalized
    where: Geometry
    weight: float
    of_weight: float


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    state = {name: s.wide(case.values[name]) for name in STATE if name in case.values}
    out: dict[str, Any] = {}
    after = {LOADED: (state, {name: np.zeros(a.shape) for name, a in state.items()}, int(case.values.get("count", 0)))}
    for i, step in enumerate(case.steps):
        state, errors, k = after[before(case, i)]
        x = s.wide(step.inputs["x"])
        where = case.spec.geometry(x.shape)
        if step.mode in ("train", "observe"):
            moved = {name: seen[f"{i}.{name}"] for name in STATE}
            errors = r.averaged(case, errors, state, moved, _observed(case, x), OF_EPOCH, where, k + 1)
            state, k = {name: s.wide(a) for name, a in moved.items()}, k + 1
            out |= {f"{i}.{name}": error for name, error in errors.items()}
        after[i] = state, errors, k
        if step.mode == "observe":
            continue
        dy = None if step.cotangent is None else s.wide(step.cotangent)
        found = _step(case, x, dy, [_side(case, x, n, state, errors, moves=step.mode == "train") for n in (0, 1)])
        shown = {f"{i}.{name}": b.reshape(np.shape(seen[f"{i}.{name}"])) for name, b in found.items() if f"{i}.{name}" in seen}
        out |= s.rounded(case, shown, seen)
    return out


def _observed(case: Case, x: Floats) -> dict[str, r.Observed]:
    """Give the sizes of what is observed, and their errors."""
    out: dict[str, r.Observed] = {}
    m = x.shape[0]
    for name, where in zip(("batch", "feature"), sides(x.shape), strict=True):
        u = 4 * s.roundoff(case) * s.growth(where.n)
        mean, variance = s.population(x, where.axes)
        size, bessel = np.abs(mean) + np.sqrt(variance), m / max(m - 1, 1)
        error = u * (2 * variance + np.abs(mean) * np.sqrt(variance)) + (u * mean) ** 2
        out |= {f"{name}_mean": (size, u * size), f"{name}_variance": (bessel * variance, bessel * error)}
    return out


def _side(case: Case, x: Floats, which: int, state: Kept, errors: Kept, *, moves: bool) -> Side:
    """Give one normalization: which of its statistics are of this x is a matter of the mode and of the spec."""
    spec, name, where, u = case.spec, ("batch", "feature")[which], sides(x.shape)[which], s.roundoff(case)
    kept = [not moves and getattr(spec, f"population_{name}_{of}") for of in ("mean", "variance")]
    own, alongside = s.population(x, where.axes), [1 if a in where.axes else n for a, n in enumerate(x.shape)]
    told = [(state[f"{name}_{of}"].reshape(alongside), errors[f"{name}_{of}"].reshape(alongside)) for of in ("mean", "variance")]
    used, drift = zip(*(told[i] if kept[i] else (own[i], NOTHING[i]) for i in (0, 1)), strict=True)
    at = s.normalized(case, x, where.axes, used, drift, None if all(kept) else 1.0)
    if not kept[1]:  # the variance's error is of the condition of x's own mean
        bracket = np.maximum(at.bracket, s.normalized(case, x, where.axes, (own[0], used[1]), NOTHING, 1.0).bracket)
        at = replace(at, bracket=bracket, error=at.error + (bracket - at.bracket) * (np.abs(at.normal) + 1))
    at = replace(at, reach=at.reach * (not kept[1]))  # no way through a variance that is kept
    m, root = max(x.shape[0], 1), x.shape[-1] ** 0.5
    sign = 1 if spec.batch_delta == "plus" else -1
    weight = 1 / m - spec.delta if which else 1 - 1 / m + sign * spec.delta
    of_weight = 4 * u * (1 / m + spec.delta + abs(weight) + (0 if which else 1))
    return Side(at, where, weight / root, of_weight / root)


def _step(case: Case, x: Floats, dy: Floats, both: list[Side]) -> dict[str, Floats]:
    """Bound y and the cotangents."""
    u, where = s.roundoff(case), case.spec.geometry(x.shape)
    scale, shift = s.owned(case, "scale", where, 1.0), s.owned(case, "shift", where, 0.0)
    scaled = sum(abs(side.weight) * np.abs(side.at.normal) for side in both)
    error = sum(
        abs(side.weight) * (side.at.error + side.at.form) + side.of_weight * (np.abs(side.at.normal) + side.at.error) for side in both
    )
    error = error + 4 * u * scaled
    out = {"y": np.abs(scale) * (error + 2 * u * scaled) + 4 * u * np.abs(shift)}
    if dy is not None:
        g, over = np.abs(dy), tuple(range(x.ndim - 1))
        m = 4 * u * s.growth(int(np.prod(x.shape[:-1])))
        out["dx"] = sum(_of_x(side, dy * scale) for side in both)
        out["dscale"] = (g * (error + m * scaled)).sum(axis=over)
        out["dshift"] = (g * m).sum(axis=over)
    return out


def _of_x(side: Side, h: Floats) -> Floats:
    """Bound what x gets through one normalization: its parts, and the error of the weight that multiplies them."""
    at, axes, one = side.at, side.where.axes, np.ones(())
    parts = at.inverse * np.abs(h)
    if at.own is not None:
        mean, product = ((np.abs(a)).sum(axis=axes, keepdims=True) / np.maximum(at.n, 1) for a in (h, h * at.normal))
        parts = parts + at.inverse * (mean + at.reach * product)
    return abs(side.weight) * s.of_x(at, h, one, axes) + side.of_weight * parts
