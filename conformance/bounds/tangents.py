"""Errors followed through sums and products, and so the bounds of derivatives along a direction w of x: docs/bounds.md.

Each factor has a size and an error; the error of a product is that of each factor times the others. The derivatives here are those of
layers that take the mean away. Reduced axes keep length 1.
"""

from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.layers.geometry import Geometry
from normspec.records import Case

Floats = Any


class Sized(NamedTuple):
    """A magnitude, and the error that it comes with."""

    size: Floats
    error: Floats


def product(*factors: Sized) -> Sized:
    """Give the product of factors."""
    size, error = factors[0]
    for other in factors[1:]:
        size, error = size * other.size, size * other.error + error * other.size
    return Sized(size, error)


def plus(*terms: Sized) -> Sized:
    """Give the sum of terms of any signs."""
    return Sized(sum(term.size for term in terms), sum(term.error for term in terms))


def total(a: Sized, axes: tuple[int, ...], rounding: float, n: Floats = 1) -> Sized:
    """Give the sum over axes, over n, whose own roundings are of this share of it."""
    size, error = (np.sum(np.broadcast_to(part, np.shape(a.size)), axis=axes, keepdims=True) / n for part in a)
    return Sized(size, error + rounding * size)


def standardized(case: Case, at: s.Normalized, dy: Floats, w: Floats, where: Geometry) -> dict[str, Floats]:
    """Bound the tangent of y, and those of the cotangents of x and scale."""
    u = s.roundoff(case)
    r = 4 * u * s.growth(where.n)
    magnitude = np.abs(s.owned(case, "scale", where, 1.0))
    scale, direction = Sized(magnitude, u * magnitude), Sized(np.abs(w), u * np.abs(w))
    normal, relative = Sized(np.abs(at.normal), at.error), at.bracket + at.relative
    inverse, steepest = (Sized(a, a * relative) for a in (at.inverse, np.maximum(at.inverse, at.slope)))
    g = Sized(np.abs(dy), u * np.abs(dy))
    if at.own is None:
        moved, back = product(inverse, direction), np.zeros_like(at.normal)
    else:
        h, reach = product(g, scale), Sized(at.reach, at.error)

        def mean(a: Sized) -> Sized:
            return total(a, where.axes, r, at.n)

        speed = product(steepest, mean(product(direction, normal)))
        moved = plus(product(inverse, plus(direction, mean(direction))), product(reach, speed))
        through = mean(product(h, normal))
        inner = plus(h, mean(h), product(reach, through))
        outer = plus(product(moved, through), product(reach, mean(product(h, moved))))
        back = product(inverse, plus(product(speed, inner), outer)).error
    over = tuple(a for a in range(w.ndim) if a not in where.parameters.lie)
    parameter = total(product(g, moved), over, 4 * u * s.growth(int(np.prod([w.shape[a] for a in over])))).error
    return {"tangent.y": product(scale, moved).error, "tangent.dx": back, "tangent.dscale": np.reshape(parameter, where.parameters.owned)}
