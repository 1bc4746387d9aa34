"""Bounds of running statistics over the steps of a script: each step adds its own error to what is left of the older ones."""

from typing import Any

import numpy as np

from normspec.conformance.bounds.standardize import Floats, growth, population, roundoff, valid, wide
from normspec.dtypes import FLOATS, of_slots
from normspec.layers.geometry import Geometry
from normspec.layers.running import Running
from normspec.records import Case

Errors = dict[str, Floats]


def weight(running: Running, k: int) -> float:
    """Give w_k."""
    if running.start == "debiased":
        return running.rate / (1 - (1 - running.rate) ** k) if running.rate else 1 / k
    return 1.0 if running.start == "first" and k == 1 else running.rate


def moved(
    case: Case, errors: Errors, old: dict[str, Floats], seen: dict[str, Any], x: Floats, at: Geometry, k: int, mask: Any = None
) -> Errors:
    """Bound the running statistics after one more observation, the k-th. `old` and `seen` are the exact states around it."""
    running: Running = case.spec.running
    count = valid(x, at.axes, mask)[1]
    u, n = roundoff(case), int(count.max())
    mean, variance = population(x, at.axes, mask)
    mean, spread = np.abs(mean), np.sqrt(variance)
    bessel = count / np.maximum(count - running.correction, 1)
    loss = mean * spread if case.spec.variance == "two_pass" else mean**2
    observed = {  # `loss` is kappa (or its square) times the variance: no division, so constant x needs no care
        "running_mean": (mean + spread, 4 * u * growth(n) * (mean + spread)),
        "running_variance": (
            spread**2 * bessel,
            bessel * (4 * u * growth(n) * (2 * spread**2 + loss) + (u * growth(n) * mean) ** 2),
        ),
    }
    w, out = weight(running, k), {}
    for name, found in observed.items():
        before, after = np.abs(old[name]), np.abs(wide(seen[name]))
        size, error = (np.reshape(a, before.shape) for a in _pooled(*found, at, u))
        kind = FLOATS[of_slots(case.spec, case.situation)[name]]
        kept = max(kind.roundoff, u) * (before + after) + 8 * u * w * (size + before) + 2 * kind.tiny
        out[name] = (1 - w) * errors[name] + w * error + kept
    return out


def _pooled(size: Floats, error: Floats, at: Geometry, u: float) -> tuple[Floats, Floats]:
    """Give the size and the error of what is observed where that is the mean of several statistics: a sum that is rounded itself."""
    if not at.pooled:
        return size, error
    m = int(np.prod([at.view[a] for a in at.pooled]))
    size, error = (a.mean(axis=at.pooled, keepdims=True) for a in (size, error))
    return size, error + 4 * u * growth(m) * size
