"""Bounds of full normalization: docs/bounds.md, applied to each step of a case."""

from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.bounds import running as r
from normspec.conformance.bounds import standardize as s
from normspec.conformance.lineage import LOADED, before
from normspec.layers.geometry import Geometry
from normspec.layers.running import KEPT
from normspec.records import Case

Floats = Any
Kept = dict[str, Floats]
STATE = ("running_mean", "running_square")


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    state = {name: s.wide(case.values[name]) for name in STATE if name in case.values}
    out: dict[str, Any] = {}
    after = {LOADED: (state, {name: np.zeros(a.shape) for name, a in state.items()})}
    for i, step in enumerate(case.steps):
        state, errors = after[before(case, i)]
        x = s.wide(step.inputs["x"])
        where = case.spec.geometry(x.shape)
        if step.mode in ("train", "observe"):
            moved = {name: seen[f"{i}.{name}"] for name in STATE}
            running = replace(KEPT, rate=case.spec.rate)
            errors = r.averaged(case, errors, state, moved, _observed(case, x, where), running, where, i + 1)
            state = {name: s.wide(a) for name, a in moved.items()}
            out |= {f"{i}.{name}": error for name, error in errors.items()}
        after[i] = state, errors
        if step.mode == "observe":
            continue
        dy = None if step.cotangent is None else s.wide(step.cotangent)
        found = _step(case, x, dy, where, state, errors, moves=step.mode == "train")
        shown = {f"{i}.{name}": b.reshape(np.shape(seen[f"{i}.{name}"])) for name, b in found.items() if f"{i}.{name}" in seen}
        out |= s.rounded(case, shown, seen)
    return out


def _observed(case: Case, x: Floats, where: Geometry) -> dict[str, r.Observed]:
    """Give the sizes of the mean and of the mean of squares, whose terms have one sign, and their errors."""
    u = 4 * s.roundoff(case) * s.growth(where.n)
    mean, variance = s.population(x, where.axes)
    sizes = np.abs(mean) + np.sqrt(variance), mean**2 + variance
    return {name: (size, u * size) for name, size in zip(STATE, sizes, strict=True)}


def _step(case: Case, x: Floats, dy: Floats, where: Geometry, state: Kept, errors: Kept, *, moves: bool) -> dict[str, Floats]:
    """Bound y and the cotangents, the statistics coming with errors of their own."""
    u, epsilon = s.roundoff(case), case.spec.epsilon
    mean, square, of_mean, of_square = (a[name].reshape(where.broadcast) for a in (state, errors) for name in STATE)
    variance = square - mean**2
    error = of_square + (2 * np.abs(mean) + of_mean) * of_mean + 4 * u * (square + mean**2)
    least, inverse, most = (1 / np.sqrt(np.maximum(v, epsilon)) for v in (variance + error, variance, variance - error))
    counts = variance + error >= epsilon  # the way through the variance, for some honest one
    normal, condition = (x - mean) * inverse, np.sqrt(1 + (mean * inverse) ** 2)
    bracket = 4 * u * s.growth(where.n if moves else 0) * (1 + condition)
    relative = np.maximum(most - inverse, inverse - least) / inverse
    at = s.Normalized(
        normal=normal,
        inverse=inverse,
        slope=inverse * counts,
        reach=(np.abs(normal) + 1) * counts,
        bracket=bracket,
        form=2 * u * (1 + condition),
        error=bracket * (np.abs(normal) + 1) + of_mean * inverse + np.abs(normal) * relative,
        relative=relative,
        own=1.0 if moves else None,
        n=where.n,
        kink=counts & (variance - error < epsilon),
    )
    found = s.step(case, at, dy, where)
    if dy is not None and moves:  # x is less the running mean in it, which errs more than a mean of this x does
        h = np.abs(dy * s.owned(case, "scale", where, 1.0))
        product = (h * np.abs(normal)).sum(axis=where.axes, keepdims=True) / where.n
        found["dx"] = found["dx"] + inverse * counts * at.error * product
    return found
