"""Bounds of dynamic tanh: docs/bounds.md, applied to each step of a case."""

from typing import Any

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.records import Case

Floats = Any


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    out: dict[str, Any] = {}
    for i, taken in enumerate(case.steps):
        dy = None if taken.cotangent is None else s.wide(taken.cotangent)
        shown = _step(case, s.wide(taken.inputs["x"]), dy)
        out |= s.rounded(case, {f"{i}.{name}": bound for name, bound in shown.items() if f"{i}.{name}" in seen}, seen)
    return out


def _step(case: Case, x: Floats, dy: Floats | None) -> dict[str, Floats]:
    """Bound y and the cotangents. The slope of tanh is a difference, 1 - tanh^2, and so errs by a share of 1, not of itself."""
    where, u = case.spec.geometry(x.shape), s.roundoff(case)
    scale, shift = (s.owned(case, name, where, born) for name, born in (("scale", 1.0), ("shift", 0.0)))
    alpha, bracket = s.wide(case.values.get("alpha", case.spec.initial_alpha)), 8 * u
    bent = np.tanh(alpha * x)
    out = {"y": bracket * (2 * np.abs(bent * scale) + np.abs(shift))}
    if dy is not None:
        g, h, over = np.abs(dy), np.abs(dy * scale), tuple(a for a in range(x.ndim) if a not in where.lie)
        slope = 1 - bent**2
        of_slope = bracket * (3 * slope + 2 * bent**2 + 1)
        m, every = (4 * u * s.growth(int(np.prod([x.shape[a] for a in axes]))) for axes in (over, range(x.ndim)))
        out["dx"] = h * np.abs(alpha) * of_slope
        out["dalpha"] = np.sum(h * np.abs(x) * (of_slope + every * slope))
        out["dscale"] = np.reshape((g * (bracket + m) * np.abs(bent)).sum(axis=over), where.owned)
        out["dshift"] = np.reshape((g * m).sum(axis=over), where.owned)
    return out
