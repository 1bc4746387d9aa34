"""Bounds of batch renormalization: docs/bounds.md, applied to each step of a case."""

from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.bounds import running as r
from normspec.conformance.bounds import standardize as s
from normspec.conformance.bounds.normalize import NOTHING, taken
from normspec.conformance.lineage import LOADED, before
from normspec.dtypes import FLOATS, of_slots
from normspec.layers.geometry import Geometry
from normspec.records import Case

Floats = Any
Kept = dict[str, Floats]


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    names = [name for name, slot in case.spec.slots(case.situation.shape).items() if slot.role == "state"]
    state = {name: s.wide(case.values[name]) for name in names if name in case.values}
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
        if step.mode in ("train", "observe"):
            moved = {name: seen[f"{i}.{name}"] for name in names}
            later = _moved(case, errors, state, moved, x, where, k + 1, mask)
            after[i] = {name: s.wide(a) for name, a in moved.items()}, later, k + 1
            out |= {f"{i}.{name}": error for name, error in later.items()}
        if step.mode == "observe":
            continue
        dy = None if step.cotangent is None else s.wide(step.cotangent)
        give = _trained if step.mode == "train" else _evaluated
        found = give(case, x, dy, where, state, errors, mask)
        shown = {f"{i}.{name}": b.reshape(np.shape(seen[f"{i}.{name}"])) for name, b in found.items() if f"{i}.{name}" in seen}
        out |= s.rounded(case, shown, seen)
    return out


def _trained(case: Case, x: Floats, dy: Floats, where: Geometry, state: Kept, errors: Kept, mask: Any) -> dict[str, Floats]:
    """Bound a step of training, in which r and d err by what the batch's statistics and the averages err."""
    spec, u = case.spec, s.roundoff(case)
    used = s.moments(spec, x, where.axes, mask)
    at = s.normalized(case, x, where.axes, used, NOTHING, 1.0, mask)
    (mean, of_mean), (divisor, of_divisor) = _average(case, state, errors, where)
    relative = at.bracket + of_divisor / divisor + 4 * u
    apart, size = used[0] - mean, np.abs(used[0]) + np.sqrt(used[1]) + np.abs(mean)
    rough = (4 * u * s.growth(int(at.n.max(initial=0))) * size + of_mean) / divisor + np.abs(apart) / divisor * relative
    factor = 1 / (at.inverse * divisor)
    factor, of_factor = _limited(factor, factor * relative, spec.r_min, spec.r_max)
    least = None if spec.d_max is None else -spec.d_max
    summand, of_summand = _limited(apart / divisor, rough, least, spec.d_max)
    scaled = replace(
        at,
        normal=at.normal * factor + summand,
        error=at.error * factor + np.abs(at.normal) * of_factor + of_summand + 4 * u * (np.abs(at.normal) * factor + np.abs(summand)),
        form=at.form * factor,
    )
    reached = replace(at, inverse=at.inverse * factor, relative=at.relative + 2 * u + of_factor / np.where(factor > 0, factor, 1))
    return s.step(case, reached, dy, where, scaled)


def _evaluated(case: Case, x: Floats, dy: Floats, where: Geometry, state: Kept, errors: Kept, mask: Any) -> dict[str, Floats]:
    """Bound a step of evaluation: a deviation is the root of its square, to which no epsilon is added."""
    mean, of_mean = state["running_mean"].reshape(where.broadcast), errors["running_mean"].reshape(where.broadcast)
    if case.spec.averaged == "deviation":
        kept, of_kept = (a["running_deviation"].reshape(where.broadcast) for a in (state, errors))
        bare = replace(case, spec=replace(case.spec, epsilon=0.0, floor=False))
        used, drift = (mean, kept**2), (of_mean, 2 * kept * of_kept + of_kept**2)
        return s.step(case, s.normalized(bare, x, where.axes, used, drift, None, mask), dy, where)
    kept, of_kept = (a["running_variance"].reshape(where.broadcast) for a in (state, errors))
    return s.step(case, s.normalized(case, x, where.axes, (mean, kept), (of_mean, of_kept), None, mask), dy, where)


def _average(case: Case, state: Kept, errors: Kept, where: Geometry) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Give mean and divisor of the averages that train is corrected towards, each with its error."""
    of = "running" if case.spec.renorm_rate is None else "renorm"
    size = "variance" if case.spec.averaged == "variance" else "deviation"
    mean, of_mean, value, error = (a[f"{of}_{name}"].reshape(where.broadcast) for name in ("mean", size) for a in (state, errors))
    if size == "variance":
        value, error = _root(value + case.spec.epsilon, error)
    return (mean, of_mean), (np.maximum(value, case.spec.epsilon**0.5) if case.spec.floor else value, error)


def _root(value: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Give a root and how far it may err, be the error as large as the value."""
    less = np.minimum(error, value)
    sums = np.sqrt(value) + np.sqrt(value - less)
    return np.sqrt(value), np.maximum(np.where(sums > 0, less / np.where(sums > 0, sums, 1), 0), np.sqrt(value + error) - np.sqrt(value))


def _limited(value: Floats, error: Floats, least: float | None, most: float | None) -> tuple[Floats, Floats]:
    """Give what is limited, and how far it may err: not at all where it is far beyond a limit."""
    low, found, high = (np.clip(a, least, most) for a in (value - error, value, value + error))
    return found, np.maximum(high - found, found - low)


def _moved(case: Case, errors: Kept, old: Kept, seen: dict[str, Any], x: Floats, where: Geometry, k: int, mask: Any) -> Kept:
    """Bound the averages after one more observation, and what is made of them."""
    spec, u = case.spec, s.roundoff(case)
    mean, variance = r.observed(case, x, where, mask)
    root, of_root = _root(variance[0] + spec.epsilon, variance[1])
    name, found = ("variance", variance) if spec.averaged == "variance" else ("deviation", (root, of_root + 4 * u * root))
    out = r.averaged(case, errors, old, seen, {"running_mean": mean, f"running_{name}": found}, spec.running, where, k)
    if spec.renorm_rate is not None:
        own = replace(spec.running, rate=spec.renorm_rate)
        out |= r.averaged(case, errors, old, seen, {"renorm_mean": mean, f"renorm_{name}": found}, own, where, k)
    if spec.averaged == "both":
        kind = FLOATS[of_slots(case.spec, case.situation)["running_variance"]]
        deviation, error = s.wide(seen["running_deviation"]), out["running_deviation"]
        size = deviation**2 + spec.epsilon
        out["running_variance"] = 2 * deviation * error + error**2 + 4 * max(u, kind.roundoff) * size + 2 * kind.tiny
    return out
