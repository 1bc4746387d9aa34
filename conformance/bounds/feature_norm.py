"""Bounds of feature normalization: docs/bounds.md, applied to each step of a case."""

from typing import Any

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.conformance.lineage import LOADED, before
from normspec.dtypes import FLOATS, of_slots
from normspec.layers.geometry import Geometry
from normspec.records import Case

Floats = Any
NAMES = ("mean", "variance")


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    state = {name: s.wide(case.values[name]) for name in NAMES}
    errors = {name: np.zeros(a.shape) for name, a in state.items()}
    count = int(case.values.get("count", 0))
    out: dict[str, Any] = {}
    after = {LOADED: (state, errors, count)}
    for i, step in enumerate(case.steps):
        state, errors, count = after[i] = after[before(case, i)]
        x, where = s.wide(step.inputs["x"]), case.spec.geometry(step.inputs["x"].shape)
        if step.mode == "observe":
            errors = _observed(case, errors, state, x, where, count, {name: seen[f"{i}.{name}"] for name in NAMES})
            state = {name: s.wide(seen[f"{i}.{name}"]) for name in NAMES}
            count += where.n
            after[i] = state, errors, count
            out |= {f"{i}.{name}": error for name, error in errors.items()}
            continue
        mean, variance = ((state[n].reshape(where.broadcast), errors[n].reshape(where.broadcast)) for n in NAMES)
        shown = _step(case, x, None if step.cotangent is None else s.wide(step.cotangent), mean, variance)
        out |= s.rounded(case, {f"{i}.{name}": bound for name, bound in shown.items()}, seen)
    return out


def _step(case: Case, x: Floats, dy: Floats | None, mean: tuple[Floats, Floats], variance: tuple[Floats, Floats]) -> dict[str, Floats]:
    """Bound y and dx, mean and variance coming with errors of their own."""
    inverse, relative = s.divisor(case.spec, variance[0])[0], s.drifted(case.spec, *variance)
    if case.spec.zero_variance == "one":
        inverse, relative = (np.where(variance[0] == 0, other, a) for a, other in ((inverse, 1), (relative, 0)))
    size = 8 * s.roundoff(case)
    if case.spec.invert:
        y = np.abs(x) / inverse * (size + relative) + size * np.abs(mean[0]) + mean[1]
        return {"y": y} if dy is None else {"y": y, "dx": np.abs(dy) / inverse * (size + relative)}
    y = (np.abs(x) + np.abs(mean[0])) * inverse * (size + relative) + mean[1] * inverse
    return {"y": y} if dy is None else {"y": y, "dx": np.abs(dy) * inverse * (size + relative)}


def _observed(
    case: Case, errors: dict[str, Floats], old: dict[str, Floats], x: Floats, where: Geometry, count: int, seen: dict[str, Any]
) -> dict[str, Floats]:
    """Bound the moments after one more observation: the batch's own error by its share of the values, and the roundings of the merge."""
    if not x.size:  # nothing to observe
        return {name: np.full(np.shape(old[name]), np.inf) for name in NAMES}
    u, g, axes = s.roundoff(case), s.growth(where.n), where.axes
    mean, spread = (np.reshape(a, where.owned) for a in (x.mean(axis=axes), x.std(axis=axes)))
    share = where.n / (count + where.n)
    apart = np.abs(mean - old["mean"]) if count else np.zeros(where.owned)
    before = {name: np.abs(a) if count else np.zeros(where.owned) for name, a in old.items()}
    own = {
        "mean": 4 * u * g * (np.abs(mean) + spread),
        "variance": 4 * u * g * (2 * spread**2 + np.abs(mean) * spread) + (4 * u * g * mean) ** 2,
    }
    bessel = (count + where.n) / max(count + where.n - case.spec.correction, 1)
    merge = {
        "mean": 8 * u * (before["mean"] + np.abs(mean)),
        "variance": 8 * u * (before["variance"] + spread**2 + apart**2)
        + share * (1 - share) * 2 * apart * (own["mean"] + errors["mean"] + 8 * u * (before["mean"] + np.abs(mean))),
    }
    out = {}
    for name in NAMES:
        kind = FLOATS[of_slots(case.spec, case.situation)[name]]
        earlier = (1 - share) * errors[name] if count else 0
        last = max(kind.roundoff, u) * (before[name] + np.abs(s.wide(seen[name]))) + 2 * kind.tiny
        factor = bessel if name == "variance" else 1.0
        out[name] = factor * (share * own[name] + earlier + merge[name]) + last
    return out
