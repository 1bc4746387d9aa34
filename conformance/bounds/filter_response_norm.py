"""Bounds of filter response normalization: docs/bounds.md, applied to each step of a case."""

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
    """Bound y and the cotangents.

    Where what is compared with the threshold is so near it that an honest one may be on the other side, all that dy brings there may go
    either way: that is the `kink`. Where x or scale is 0, what is compared is shift itself, and where that is
    the threshold exactly there is no error.
    """
    where, u = case.spec.geometry(x.shape), s.roundoff(case)
    scale, shift, least = (s.owned(case, name, where, born) for name, born in (("scale", 1.0), ("shift", 0.0), ("threshold", -np.inf)))
    added = case.spec.epsilon + np.abs(s.wide(case.values.get("offset", 0.0)))
    root = np.sqrt((x**2).sum(axis=where.axes, keepdims=True) / max(where.n, 1) + added)
    inverse = np.where(root == 0, 0, 1 / np.where(root == 0, 1, root))
    normal, bracket = np.abs(x * inverse), 8 * u * s.growth(where.n)
    size = normal * np.abs(scale)
    error = np.where(size == 0, 0, bracket * size + 2 * u * (size + np.abs(shift)))
    compared, own = scale * x * inverse + shift, 2 * u * (np.abs(shift) + np.where(np.isfinite(least), np.abs(least), 0))
    out = {"y": np.where(compared + error + own < least, 0, error) + own}
    if dy is not None:
        gap = np.abs(compared - least)
        kink = (gap <= error + own) & ((error > 0) | (gap > 0))
        counts, over = np.abs(dy) * ((compared >= least) | kink), tuple(a for a in range(x.ndim) if a not in where.lie)
        h, m = counts * np.abs(scale), 4 * u * s.growth(int(np.prod([x.shape[a] for a in over])))
        direct, through = 2 * bracket + kink, (h * normal * (4 * bracket + kink)).sum(axis=where.axes, keepdims=True) / max(where.n, 1)
        every = 4 * u * s.growth(x.size)
        out["dx"] = inverse * (direct * h + normal * through)
        out["doffset"] = np.sum(h * normal * inverse**2 * (4 * bracket + every + kink))
        sums = {"dscale": counts * normal * (bracket + m + kink), "dshift": counts * (m + kink), "dthreshold": np.abs(dy) * (m + kink)}
        out |= {name: np.reshape(terms.sum(axis=over), where.owned) for name, terms in sums.items()}
    return out
