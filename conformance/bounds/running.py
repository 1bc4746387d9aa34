"""Bounds of running statistics over the steps of a script: each step adds its own error to what is left of the older ones."""

from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.bounds.standardize import Floats, growth, population, roundoff, valid, wide
from normspec.dtypes import FLOATS, of_slots
from normspec.layers.geometry import Geometry
from normspec.layers.running import Running
from normspec.records import Case

Errors = dict[str, Floats]
Observed = tuple[Floats, Floats]
"""The size of what is observed, and its error."""


def weight(running: Running, k: int) -> float:
    """Give w_k."""
    if running.start == "debiased":
        return running.rate / (1 - (1 - running.rate) ** k) if running.rate else 1 / k
    return 1.0 if running.start == "first" and k == 1 else running.rate


def condition(running: Running, k: int) -> float:
    """Give the error of w_k in roundings of (1 - rate)^k, of which 1 - (1 - rate)^k leaves few digits where the rate is small."""
    if running.start != "debiased" or not running.rate:
        return 0.0
    left = (1 - running.rate) ** k
    return (k / 2 + 2) * left / (1 - left) if left < 1 else 0.0


def observations(spec: Any, at: Geometry) -> int:
    """Give how many observations a step is: one, or one for each ghost."""
    return int(np.prod([at.view[a] for a in at.pooled])) if getattr(spec, "observed", "mean") == "each" else 1


def moved(
    case: Case, errors: Errors, old: dict[str, Floats], seen: dict[str, Any], x: Floats, at: Geometry, k: int, mask: Any = None
) -> Errors:
    """Bound the running statistics after one more step, of whose observations the last is the k-th. `old` and `seen` are around it."""
    observed = getattr(case.spec, "observed", "mean")
    if observed == "mean":
        return _moved(case, errors, old, seen, x, at, k, mask)
    if observed == "whole":
        return _moved(case, errors, old, seen, x, replace(at, axes=(*at.axes, *at.pooled), pooled=()), k, mask)
    (axis,), ghosts = at.pooled, observations(case.spec, at)
    for ghost in range(ghosts):
        part = np.take(x, [ghost], axis)
        one, of_ghost = replace(at, view=part.shape, pooled=()), k - ghosts + ghost + 1
        after = seen if ghost == ghosts - 1 else _after(case, old, part, one, of_ghost)
        errors, old = _moved(case, errors, old, after, part, one, of_ghost), after
    return errors


def _after(case: Case, old: dict[str, Floats], x: Floats, at: Geometry, k: int) -> dict[str, Floats]:
    """Give the running statistics after the k-th observation, as near as float64 has them: a bound needs no more."""
    running: Running = case.spec.running
    mean, variance = population(x, at.axes)
    found = {"running_mean": mean, "running_variance": variance * at.n / max(at.n - running.correction, 1)}
    return {name: a + weight(running, k) * (np.reshape(found[name], a.shape) - a) for name, a in old.items()}


def _moved(
    case: Case, errors: Errors, old: dict[str, Floats], seen: dict[str, Any], x: Floats, at: Geometry, k: int, mask: Any = None
) -> Errors:
    """Bound the running statistics after one more observation, the k-th. `old` and `seen` are the states around it."""
    running: Running = case.spec.running
    mean, variance = observed(case, x, at, mask)
    if not variance[0].size:  # no sample, so no statistics: the mean over samples is of nothing
        return {name: np.full(np.shape(old[name]), np.inf) for name in ("running_mean", "running_variance")}
    return averaged(case, errors, old, seen, {"running_mean": mean, "running_variance": variance}, running, at, k)


def observed(case: Case, x: Floats, at: Geometry, mask: Any = None) -> tuple[Observed, Observed]:
    """Give size and error of the mean, and of the variance, that are observed of x."""
    count = valid(x, at.axes, mask)[1]
    u, n = roundoff(case), int(count.max(initial=0))
    mean, variance = population(x, at.axes, mask)
    mean, spread = np.abs(mean), np.sqrt(variance)
    bessel = count / np.maximum(count - case.spec.running.correction, 1)
    loss = mean * spread if case.spec.variance == "two_pass" else mean * (3 * mean + 2 * spread)  # the mean's square errs twice as it does
    # `loss` is of kappa (or its square) times the variance: no division, so constant x needs no care
    error = bessel * (4 * u * growth(n) * (2 * spread**2 + loss) + (u * growth(n) * mean) ** 2)
    return (mean + spread, 4 * u * growth(n) * (mean + spread)), (spread**2 * bessel, error)


def averaged(
    case: Case,
    errors: Errors,
    old: dict[str, Floats],
    seen: dict[str, Any],
    found: dict[str, Observed],
    running: Running,
    at: Geometry,
    k: int,
) -> Errors:
    """Bound what is kept after the k-th observation of what was found, by its name."""
    u, w, out, rest = roundoff(case), weight(running, k), {}, _of_mean(at, roundoff(case))
    for name, told in found.items():
        before, after = np.abs(old[name]), np.abs(wide(seen[name]))
        size, error = (np.reshape(a.mean(axis=at.pooled, keepdims=True), before.shape) for a in told)
        kind = FLOATS[of_slots(case.spec, case.situation)[name]]
        weighed = u * (8 + condition(running, k)) * w * (size + before)
        kept = max(kind.roundoff, u) * (before + after) + u * (1 - w) * before + weighed + 2 * kind.tiny
        out[name] = (1 - w) * errors[name] + w * error + rest * (w * size + (1 - w) * before) + kept
    return out


def _of_mean(at: Geometry, u: float) -> float:
    """Give the relative error of the mean of several statistics, be it taken of what is observed or of what each makes of the old one."""
    return 4 * u * growth(int(np.prod([at.view[a] for a in at.pooled]))) if at.pooled else 0.0
