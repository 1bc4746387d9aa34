"""The ways of a gradient through layers that multiply x by something made of it: the direct one, and the rest.

y is x times a multiplier, scale and shift apart. The multiplier comes from the case by formulas of their own, what is left of the
oracle's cotangent is the way through it.
"""

from functools import lru_cache
from math import floor
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.bounds.divide import leading
from normspec.conformance.bounds.local_response_norm import window
from normspec.conformance.neighbours.terms import has_gradient, taken
from normspec.conformance.oracle import as_quad, truth
from normspec.layers.axes import others
from normspec.records import Case

Quad = Any


class Ways(NamedTuple):
    """What the gradient of one step is made of: the direct term and the rest of dx; dy, and dy times what scale multiplies.

    `lie` is as in Geometry.
    """

    direct: Quad
    through: Quad
    dy: Quad
    scaled: Quad
    lie: tuple[int, ...]


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Ways]:
    """Give the ways of every step that has a gradient to speak of, by its number."""
    with np.errstate(invalid="ignore"):  # where a layer gives no number, that shows in the values
        return {k: _ways(case, k) for k in range(len(case.steps)) if has_gradient(case, k)}


def _ways(case: Case, k: int) -> Ways:
    seen, x = truth(case), taken(case, as_quad(case.steps[k].inputs["x"], case))
    dy, where = as_quad(case.steps[k].cotangent, case), case.spec.geometry(x.shape)
    values = {**{name.removeprefix("born."): a for name, a in seen.items() if name.startswith("born.")}, **case.values}
    scale, shift = (np.reshape(as_quad(values[n], case), where.broadcast) if n in values else None for n in ("scale", "shift"))
    multiplied = seen[f"{k}.y"] if shift is None else seen[f"{k}.y"] - shift
    multiplied = multiplied if scale is None else multiplied / scale
    direct = (dy if scale is None else dy * scale) * _multiplier(case, k, x)
    return Ways(direct, seen[f"{k}.dx"] - direct, dy, dy * multiplied, where.lie)


def _multiplier(case: Case, k: int, x: Quad) -> Quad:
    spec = case.spec.at_rank(x.ndim)
    if spec.layer == "local_response_norm":
        return _of_window(case, x)
    if spec.layer == "spectral_norm":
        changes = case.steps[k].mode == "train" or spec.evaluation != "none"
        return np.sum(truth(case)[f"{k}.y"] * x) / np.sum(x * x) if changes and not spec.replaces else x * 0 + 1
    where = spec.geometry(x.shape)
    n = max(floor(getattr(spec, "fraction", 1.0) * where.n), 1)
    one, epsilon, order = (as_quad(value, case) for value in (1.0, spec.epsilon, getattr(spec, "order", 2.0)))
    powers = np.where(leading(x.shape, where.axes, n), _power(np.abs(x), order), x * 0)
    found = taken(case, np.sum(powers, axis=where.axes, keepdims=True) / (n if hasattr(spec, "fraction") else 1))
    inside, norm = _power(found + epsilon, one / order), _power(found, one / order)
    divisor = {"inside": inside, "outside": norm + epsilon, "floor": np.maximum(norm, epsilon)}[spec.epsilon_place]
    return np.where(divisor == 0, found * 0, one / np.where(divisor == 0, found * 0 + 1, divisor))


def _power(a: Quad, exponent: Quad) -> Quad:
    """Give a power of what is not negative; quad arithmetic has none of 0."""
    return np.where(a > 0, np.where(a > 0, a, a + 1) ** exponent, a)


def _of_window(case: Case, x: Quad) -> Quad:
    spec = case.spec.at_rank(x.ndim)
    (axis,) = spec.channel_axes
    share = (spec.before + spec.after + 1) / window(x * 0 + 1, axis, spec.before, spec.after) if spec.edges == "valid" else 1
    coefficient, bias, exponent = (as_quad(value, case) for value in (spec.coefficient, spec.bias, -spec.exponent))
    return (bias + coefficient * share * taken(case, window(x * x, axis, spec.before, spec.after))) ** exponent


def of_scale(ways: Ways, lie: tuple[int, ...] | None = None) -> Quad:
    """Give dscale, kept along these axes (those along which scale lies)."""
    return np.sum(ways.scaled, axis=others(ways.lie if lie is None else lie, ways.dy.ndim))


def of_shift(ways: Ways, lie: tuple[int, ...] | None = None) -> Quad:
    """Give dshift, kept along these axes (those along which shift lies)."""
    return np.sum(ways.dy, axis=others(ways.lie if lie is None else lie, ways.dy.ndim))
