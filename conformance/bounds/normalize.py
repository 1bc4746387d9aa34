"""Bounds of every layer that takes the mean from x and divides by its deviation: docs/bounds.md, applied to each step of a case."""

from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.bounds import running as r
from normspec.conformance.bounds import standardize as s
from normspec.conformance.bounds.tangents import standardized
from normspec.conformance.lineage import LOADED, before, values_at
from normspec.layers.geometry import Geometry
from normspec.records import Case, Step

STATE = ("running_mean", "running_variance")
NOTHING = np.zeros(()), np.zeros(())


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    running = getattr(case.spec, "running", None)
    state = {name: s.wide(case.values[name]) for name in STATE if name in case.values}
    errors = {name: np.zeros(a.shape) for name, a in state.items()}
    k = int(case.values.get("count", 0))
    out: dict[str, Any] = {}
    after = {LOADED: (state, errors, k)}
    for i, step in enumerate(case.steps):
        state, errors, k = after[i] = after[before(case, i)]
        if f"{i}.raised" in seen:
            continue
        where = case.spec.geometry(step.inputs["x"].shape)
        x, mask = taken(step, where)
        if step.mode in ("train", "observe") and running is not None and step.direction is None:
            k += r.observations(case.spec, where)
            moved = {name: seen[f"{i}.{name}"] for name in STATE}
            errors = r.moved(case, errors, state, moved, x, where, k, mask)
            state = {name: s.wide(a) for name, a in moved.items()}
            after[i] = state, errors, k
            out |= {f"{i}.{name}": error for name, error in errors.items()}
        if step.mode == "observe":
            continue
        own = running is None or (step.mode == "train" and getattr(case.spec, "train_with", "batch") == "batch")
        used, drift = (s.moments(case.spec, x, where.axes, mask), NOTHING) if own else _both(state, errors, where)
        share = 1.0 if own else (r.weight(running, k) if step.mode == "train" and running is not None else None)
        at = s.normalized(case, x, where.axes, used, drift, share, mask)
        dy, w = (None if a is None else s.wide(a).reshape(where.view) for a in (step.cotangent, step.direction))
        own_case = replace(case, values=values_at(case, step))
        found = s.step(own_case, at, dy, where) if w is None else standardized(own_case, at, dy, w, where)
        shown = {f"{i}.{name}": b for name, b in found.items() if f"{i}.{name}" in seen}
        out |= s.rounded(case, {q: b.reshape(np.shape(seen[q])) for q, b in shown.items()}, seen)
    return out


def taken(step: Step, where: Geometry) -> tuple[Any, Any]:
    """Give x and its mask in the view of x; a masked NaN reaches no statistic, and its own y is one."""
    x, mask = s.wide(step.inputs["x"]).reshape(where.view), viewed(step.inputs.get("mask"), step.inputs["x"].shape, where)
    return x if mask is None else np.where(mask | np.isfinite(x), x, 0), mask


def viewed(mask: Any, shape: tuple[int, ...], where: Geometry) -> Any:
    """Give a mask with the axes of the view of x."""
    return None if mask is None else np.broadcast_to(mask, shape).reshape(where.view)


def _both(state: dict[str, Any], errors: dict[str, Any], where: Geometry) -> tuple[Any, Any]:
    """Give (mean, variance) and their errors with the shape that broadcasts over x."""
    mean, variance = ((state[n].reshape(where.broadcast), errors[n].reshape(where.broadcast)) for n in STATE)
    return (mean[0], variance[0]), (mean[1], variance[1])
