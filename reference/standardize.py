"""(x - mean) / divisor, its parts and its gradient: the core of every layer that takes the mean from x.

Statistics keep the reduced axes, with length 1. The gradient is derived in docs/spec/batch_norm.md.
"""

from typing import Any, NamedTuple

from normspec.errors import Refused
from normspec.layers.geometry import Geometry
from normspec.records import Array, Arrays
from normspec.reference.checks import require_mask, require_same
from normspec.reference.names import cast, dtype_named, factor, promoted, shaped
from normspec.reference.parameters import cotangents, times
from normspec.reference.sums import size, total


class Moments(NamedTuple):
    """The mean, the deviations from it, and the population's variance; n is the number of values per statistic, with a mask an array."""

    mean: Array
    spread: Array
    variance: Array
    n: Array | int


class Saved(NamedTuple):
    """What the gradient needs.

    `slope` is twice the divisor's derivative by the variance: 1 / divisor where epsilon is inside the root.
    `weight` is the share of x's own moments in the statistics, and None where these are constants. `mask` tells which values they
    were taken over, where not over all. `scaled` is what scale multiplies, where that is not the normalized x.
    """

    x: Array
    scale: Array | None
    shift: Array | None
    normal: Array
    spread: Array
    inverse: Array
    slope: Array
    weight: Array | float | None
    mask: Array | None = None
    scaled: Array | None = None


def moments(xp: Any, x: Array, axes: tuple[int, ...], rule: str, mask: Array | None = None) -> Moments:
    """Take mean and variance in two passes, in the dtype that the rule `statistics_dtype` means, where a mask is given of its values alone.

    Rounding the mean shifts every deviation alike; the mean of the deviations measures that shift, and is taken out again.
    """
    dtype = dtype_named(xp, x, rule)
    x = cast(xp, x, dtype)
    n = valid(xp, x, axes, mask)
    mean = within(xp, x, axes, mask) / n
    spread = x - mean
    rest = within(xp, spread, axes, mask) / n
    spread = spread - rest
    variance = within(xp, spread * spread, axes, mask) / n
    return Moments(xp.astype(mean + rest, dtype), spread, xp.astype(variance, dtype), n)


def within(xp: Any, x: Array, axes: tuple[int, ...], mask: Array | None) -> Array:
    """Sum over axes, where a mask is given of its values alone."""
    return total(xp, x if mask is None else xp.where(mask, x, xp.zeros_like(x)), axes)


def valid(xp: Any, x: Array, axes: tuple[int, ...], mask: Array | None) -> Array | int:
    """Give the number of values per statistic: one for all, or with a mask an array of x's dtype."""
    return size(x, axes) if mask is None else within(xp, xp.zeros_like(x) + 1, axes, mask)


def viewed(xp: Any, mask: Array | None, x: Array, at: Geometry) -> Array | None:
    """Give a mask with the axes of the view of x.

    Raises
    ------
    InvalidInput
        Where it is not boolean, or does not broadcast to x.
    """
    if mask is None:
        return None
    require_mask(mask, x)
    if tuple(x.shape) == at.view:
        return mask
    ones = xp.zeros_like(x) + 1
    return shaped(xp, xp.where(mask, ones, xp.zeros_like(x)) == 1, at.view)


def estimate(xp: Any, seen: Moments, correction: int) -> Array:
    """Give the sum of squared deviations over max(n - correction, 1)."""
    return seen.variance * seen.n / at_least_one(xp, seen.n - correction) if correction else seen.variance


def at_least_one(xp: Any, n: Array | int) -> Array | int:
    """Give n, and 1 where it is less."""
    return max(n, 1) if isinstance(n, int) else xp.where(n > 1, n, xp.zeros_like(n) + 1)


def divisor(xp: Any, variance: Array, own: bool, *, epsilon: float, epsilon_place: str) -> tuple[Array, Array]:  # noqa: FBT001 - it comes first
    """Give 1 / divisor and the slope, for a variance that is x's own or not."""
    if epsilon_place == "inside" and epsilon > 0:
        inverse = 1 / xp.sqrt(variance + epsilon)
        return inverse, inverse
    root = xp.sqrt(variance)
    slope = reciprocal(xp, root)
    if epsilon_place == "floor":
        low, floor = root <= epsilon, xp.zeros_like(root) + epsilon
        return 1 / xp.where(low, floor, root), xp.where(low, xp.zeros_like(root), slope)
    return (slope if own and epsilon == 0 else 1 / (root + epsilon)), slope


def reciprocal(xp: Any, root: Array) -> Array:
    """Give 1 / root, and 0 where it is 0: the deviations are 0 there, and so is all that it multiplies."""
    flat, nothing = root == 0, xp.zeros_like(root)
    return xp.where(flat, nothing, 1 / xp.where(flat, nothing + 1, root))


def vjp(xp: Any, saved: Saved, dy: Array, at: Geometry, correction: int) -> Arrays:
    """Give the cotangents of x, scale and shift from that of y.

    `correction` is that of the variance in which x has its share.
    """
    require_same(saved.inverse, at.reduced, *((at.broadcast,) if at.pooled else ()))  # running statistics are pooled
    dy = shaped(xp, cast(xp, dy, saved.normal.dtype), at.view)
    h = times(xp, dy, saved.scale, at)
    reached = _reached(xp, saved.normal, saved.mask, dy)
    h, normal, spread, inverse, slope = promoted(xp, h, reached, saved.spread, saved.inverse, saved.slope)
    if saved.weight is None:
        dx = inverse * h
    else:
        n = valid(xp, h, at.axes, saved.mask)
        through_variance = spread * slope * total(xp, h * normal, at.axes) / at_least_one(xp, n - correction)
        through = factor(xp, saved.weight, h) * (total(xp, h, at.axes) / n + through_variance)
        dx = inverse * (h - (through if saved.mask is None else xp.where(saved.mask, through, xp.zeros_like(through))))
    dx = cast(xp, shaped(xp, dx, saved.x.shape), saved.x.dtype)
    scaled = reached if saved.scaled is None else _reached(xp, saved.scaled, saved.mask, dy)
    return {"x": dx, **cotangents(xp, dy, scaled, saved.scale, saved.shift, at)}


def _reached(xp: Any, normal: Array, mask: Array | None, dy: Array) -> Array:
    """Give the normalized x, and 0 where it is masked and dy is 0: what stands there, be it no number, reaches nothing."""
    return normal if mask is None else xp.where(mask, normal, xp.where(dy == 0, xp.zeros_like(normal), normal))


def refuse_one_value(x: Array, n: int, one_value: str) -> None:
    """Raise `Refused` where a statistic over one value is to be refused, n being the number of values per statistic."""
    if one_value == "refuse" and n == 1:
        raise Refused(f"x must have more than one value per statistic, got shape {tuple(x.shape)}, in which every value has its own")
