"""Bounds of global response normalization: docs/bounds.md, applied to each step of a case."""

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
    """Bound y and the cotangents. Every sum that is divided by is one of positive terms, so no condition number is there."""
    spec, where, u = case.spec.at_rank(x.ndim), case.spec.geometry(x.shape), s.roundoff(case)
    scale, shift = (s.owned(case, name, where, born) for name, born in (("scale", 1.0), ("shift", 0.0)))
    n, channels = int(np.prod([x.shape[a] for a in spec.axes])), int(np.prod(where.owned))
    norm = np.sqrt((x**2).sum(axis=spec.axes, keepdims=True))
    inverse = _reciprocal(norm.sum(axis=where.lie, keepdims=True) / channels + spec.epsilon)
    bracket, response = 12 * u * s.growth(n + channels), np.abs(norm * inverse)
    multiplied = np.abs(x) * response
    out = {"y": bracket * np.abs(scale) * multiplied + 4 * u * (np.abs(shift) + np.abs(x))}
    if dy is not None:
        g, h, over = np.abs(dy), np.abs(dy * scale), tuple(a for a in range(x.ndim) if a not in where.lie)
        of_response = (h * np.abs(x)).sum(axis=spec.axes, keepdims=True)
        of_mean = (of_response * response).sum(axis=where.lie, keepdims=True) / channels
        through = np.abs(x) * _reciprocal(norm) * inverse * (of_response + of_mean)
        m = 4 * u * s.growth(int(np.prod([x.shape[a] for a in over])))
        out["dx"] = 4 * u * g + 2 * bracket * (h * response + through)
        out["dscale"] = np.reshape((g * multiplied * (bracket + m)).sum(axis=over), where.owned)
        out["dshift"] = np.reshape((g * m).sum(axis=over), where.owned)
    return out


def _reciprocal(a: Floats) -> Floats:
    return np.where(a == 0, 0, 1 / np.where(a == 0, 1, a))
