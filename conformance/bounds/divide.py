"""Magnitudes and bounds of x over a norm of itself, in float64. Names as in docs/bounds.md; reduced axes keep length 1."""

from dataclasses import dataclass, replace
from math import floor
from typing import Any

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.conformance.bounds.tangents import Sized, plus, product, total
from normspec.conformance.wire import named
from normspec.dtypes import FLOATS, output, statistics
from normspec.layers.geometry import Geometry
from normspec.records import Case

Floats = Any


@dataclass(frozen=True)
class Divided:
    """One division: x over the divisor, 1 / divisor, the divisor's derivative by x, and the relative error that each comes with.

    `multiplied` is what scale multiplies, and `error` bounds it. `kink` is by how much `way` may be off where the norm is so near its
    floor that an honest one may be on the other side.
    """

    normal: Floats
    inverse: Floats
    way: Floats
    kink: Floats
    bracket: float
    multiplied: Floats
    error: Floats


def divided(case: Case, x: Floats, at: Geometry) -> Divided:
    """Give the magnitudes of a division. Every sum is one of positive terms, so no condition number stands in the bracket."""
    spec = case.spec
    order, n = getattr(spec, "order", 2.0), at.n
    taken = leading(x.shape, at.axes, max(floor(getattr(spec, "fraction", 1.0) * n), 1))
    over = max(floor(getattr(spec, "fraction", 1.0) * n), 1) if hasattr(spec, "fraction") else 1
    powers = np.where(taken, np.abs(x) ** order, 0).sum(axis=at.axes, keepdims=True) / over
    root = powers ** (1 / order)
    inside = (powers + spec.epsilon) ** (1 / order)
    divisor = {"inside": inside, "outside": root + spec.epsilon, "floor": np.maximum(root, spec.epsilon)}[spec.epsilon_place]
    slope = _reciprocal(inside if spec.epsilon_place == "inside" else root) ** (order - 1)
    bracket = 8 * s.roundoff(case) * s.growth(n)
    inverse, way = _reciprocal(divisor), np.where(taken, np.abs(x) ** (order - 1), 0) * slope / over
    floored = spec.epsilon_place == "floor"
    kink = np.where(floored & (np.abs(root - spec.epsilon) <= bracket * root), way, 0)
    way = np.where(floored & (root <= spec.epsilon), 0, way)
    normal = x * inverse
    multiplied, error = _rounded(case, normal, bracket * np.abs(normal))
    return Divided(normal, inverse, way, kink, bracket, multiplied, error)


def leading(shape: tuple[int, ...], axes: tuple[int, ...], n: int) -> Floats:
    """Tell where the first n places along these axes are, in row-major order."""
    lengths = [shape[a] for a in axes]
    order = np.arange(int(np.prod(lengths))).reshape([shape[a] if a in axes else 1 for a in range(len(shape))])
    return order < n


def step(case: Case, at: Divided, dy: Floats | None, where: Geometry) -> dict[str, Floats]:
    """Bound what a step shows: y and the cotangents."""
    scale, shift = (s.owned(case, name, where, born) for name, born in (("scale", 1.0), ("shift", 0.0)))
    out = {"y": at.error * np.abs(scale) + at.bracket * (np.abs(at.multiplied * scale) + np.abs(shift))}
    if dy is not None:
        h, over = np.abs(dy * scale), tuple(a for a in range(dy.ndim) if a not in where.lie)
        product = (h * np.abs(at.normal)).sum(axis=where.axes, keepdims=True)
        m = s.growth(int(np.prod([dy.shape[a] for a in over])))
        g, v = np.abs(dy), _back(case)
        of_product = v if FLOATS[output(case.spec, case.situation)].roundoff >= v else 0.0
        terms = at.error + (4 * s.roundoff(case) * m + of_product) * np.abs(at.multiplied)
        out["dx"] = at.inverse * ((2 * at.bracket + v) * h + ((4 * at.bracket + v) * np.abs(at.way) + at.kink) * product)
        out["dscale"] = np.reshape((g * terms).sum(axis=over), where.owned)
        out["dshift"] = np.reshape((g * 4 * s.roundoff(case) * m).sum(axis=over), where.owned)
    return out


def along(case: Case, at: Divided, dy: Floats, w: Floats, where: Geometry) -> dict[str, Floats]:
    """Bound what a step shows along a direction w of x: the tangent of y, and those of the cotangents of x and scale."""
    u, power = s.roundoff(case), getattr(case.spec, "order", 2.0) - 1
    r = 4 * u * s.growth(where.n)

    def sized(a: Floats, relative: float) -> Sized:
        return Sized(np.abs(a), relative * np.abs(a))

    scale, g, direction = (sized(a, u) for a in (s.owned(case, "scale", where, 1.0), dy, w))
    normal, inverse, way = (sized(a, at.bracket) for a in (at.normal, at.inverse, at.way))
    steepness = sized(at.way * at.inverse * _reciprocal(np.abs(at.normal)), at.bracket)
    speed = product(inverse, total(product(direction, way), where.axes, r))
    moved = plus(product(inverse, direction), product(normal, speed))
    h = product(g, scale)
    through = total(product(h, normal), where.axes, r)
    turned = product(sized(np.asarray(power), 0), plus(product(steepness, direction), product(way, speed)))
    outer = plus(product(turned, through), product(way, total(product(h, moved), where.axes, r)))
    back = product(inverse, plus(product(speed, plus(h, product(way, through))), outer))
    over = tuple(a for a in range(w.ndim) if a not in where.lie)
    parameter = total(product(g, moved), over, 4 * u * s.growth(int(np.prod([w.shape[a] for a in over]))))
    found = {"tangent.y": product(scale, moved), "tangent.dx": back, "tangent.dscale": parameter}
    return {name: np.reshape(a.error, where.owned) if name == "tangent.dscale" else a.error for name, a in found.items()}


def _made(case: Case, seen: dict[str, Any]) -> tuple[Case, dict[str, Floats]]:
    """Give a case with what a layer is born with that is made with a weight, where nothing is loaded, and the bound of that."""
    if "scale" in case.values or "born.scale" not in seen:
        return case, {}
    where = case.spec.geometry(case.situation.shape)
    bracket = 8 * s.roundoff(case) * s.growth(where.n)
    made = {"born.scale": bracket * np.abs(s.wide(seen["born.scale"]))} if case.spec.initial_scale == "norm" else {}
    return replace(case, values={"scale": seen["born.scale"]}), s.rounded(case, made, seen)


def _rounded(case: Case, normal: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Give what scale multiplies, where that is rounded first: what lies within the error may round to the one or the other neighbour."""
    if not _back(case):
        return normal, error
    with np.errstate(over="ignore"):
        low, here, high = (s.wide(a.astype(named(case.situation.dtype))) for a in (normal - error, normal, normal + error))
    return here, np.maximum(high - here, here - low)


def _back(case: Case) -> float:
    """Give the roundoff of what scale multiplies, where that is rounded first: its cotangent may have that dtype, too. Else 0."""
    narrow, computed = (FLOATS[name] for name in (case.situation.dtype, statistics(case.spec, case.situation.dtype)))
    return narrow.roundoff if getattr(case.spec, "rounding", "last") == "before_scale" and narrow.bits < computed.bits else 0.0


def _reciprocal(a: Floats) -> Floats:
    return np.where(a == 0, 0, 1 / np.where(a == 0, 1, a))


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact, of a layer that divides and keeps no state."""
    out: dict[str, Any] = {}
    case, made = _made(case, seen)
    out |= made
    for i, taken in enumerate(case.steps):
        if f"{i}.raised" in seen:
            continue
        x = s.wide(taken.inputs["x"])
        where = case.spec.geometry(x.shape)
        dy, w = (None if a is None else s.wide(a) for a in (taken.cotangent, taken.direction))
        at = divided(case, x, where)
        shown = step(case, at, dy, where) if w is None else along(case, at, dy, w, where)
        out |= s.rounded(case, {f"{i}.{name}": b for name, b in shown.items() if f"{i}.{name}" in seen}, seen)
    return out
