"""x over a norm of itself, and its gradient: the core of every layer that divides and takes no mean.

Statistics keep the reduced axes, with length 1. The gradient is derived in docs/spec/rms_norm.md.
"""

from itertools import pairwise
from typing import Any, NamedTuple

from normspec.layers.geometry import Geometry
from normspec.records import Array, Arrays
from normspec.reference.checks import require_same
from normspec.reference.names import cast, dtype_named, promoted
from normspec.reference.parameters import cotangents, times
from normspec.reference.sums import size, total

SQUARE = 2
"""The order p of the Euclidean norm."""


class Norm(NamedTuple):
    """The norm that divides: the mean or sum of |x|^p over some axes, or the first `part` of the values there, and epsilon's place."""

    axes: tuple[int, ...]
    epsilon: float | Array
    epsilon_place: str
    order: float = SQUARE
    mean: bool = False
    part: int | None = None


class Saved(NamedTuple):
    """What the gradient needs: `multiplied` is what scale multiplies, `way` the divisor's derivative by x."""

    x: Array
    scale: Array | None
    shift: Array | None
    normal: Array
    multiplied: Array
    inverse: Array
    way: Array


def divided(xp: Any, x: Array, norm: Norm, rule: str) -> tuple[Array, Array, Array]:
    """Give x over its norm, 1 / divisor, and the divisor's derivative by x, in the dtype that the rule `statistics_dtype` means."""
    dtype = dtype_named(xp, x, rule)
    x = cast(xp, x, dtype)
    n = size(x, norm.axes)
    part = None if norm.part in (None, n) else leading(xp, x, norm.axes, norm.part) == 1
    powers, slopes = _power(xp, x, norm.order)
    if part is not None:
        powers, slopes = (xp.where(part, a, xp.zeros_like(a)) for a in (powers, slopes))
    over = (n if norm.part is None else norm.part) if norm.mean else 1
    inverse, slope = _divisor(xp, xp.astype(total(xp, powers, norm.axes) / over, dtype), norm)
    return x * inverse, inverse, slopes * (slope / over)


def vjp(xp: Any, saved: Saved, dy: Array, axes: tuple[int, ...], at: Geometry) -> Arrays:
    """Give the cotangents of x, scale and shift from that of y."""
    require_same(saved.inverse, at.reduced)
    dy = cast(xp, dy, saved.normal.dtype)
    h = times(xp, dy, saved.scale, at)
    h, normal, inverse, way = promoted(xp, h, saved.normal, saved.inverse, saved.way)
    dx = inverse * (h - way * total(xp, h * normal, axes))
    return {"x": cast(xp, dx, saved.x.dtype), **cotangents(xp, dy, saved.multiplied, saved.scale, saved.shift, at)}


def leading(xp: Any, x: Array, axes: tuple[int, ...], n: int) -> Array:
    """Give 1 at the first n places of x along these axes, in row-major order, and 0 elsewhere."""
    nothing = xp.zeros_like(x)
    if n <= 0 or n >= size(x, axes):
        return nothing if n <= 0 else nothing + 1
    axis, rest = axes[0], axes[1:]
    whole, more = divmod(n, size(x, rest))
    ends = (0, whole, whole + (more > 0), x.shape[axis])
    parts = [x[(slice(None),) * axis + (slice(a, b), ...)] for a, b in pairwise(ends)]
    counts = (size(parts[0], axes), more, 0)
    return xp.concat([leading(xp, p, axes if k != 1 else rest, c) for k, (p, c) in enumerate(zip(parts, counts, strict=True))], axis=axis)


def _power(xp: Any, x: Array, order: float) -> tuple[Array, Array]:
    """Give |x|^p, and its derivative by x over p."""
    if order == SQUARE:
        return x * x, x
    size_of, signs = xp.abs(x), sign(xp, x)
    return (size_of, signs) if order == 1 else (size_of**order, signs * size_of ** (order - 1))


def sign(xp: Any, x: Array) -> Array:
    """Give 1, -1, or where x is 0 or no number x itself; not every library's own sign can be vectorized."""
    nothing = xp.zeros_like(x)
    return xp.where(x > 0, nothing + 1, xp.where(x < 0, nothing - 1, x))


def _root(xp: Any, powers: Array, order: float) -> Array:
    if order == SQUARE:
        return xp.sqrt(powers)
    return powers if order == 1 else powers ** ((xp.zeros_like(powers) + 1) / order)  # 1 / order in Python would be rounded to double


def _divisor(xp: Any, powers: Array, norm: Norm) -> tuple[Array, Array]:
    """Give 1 / divisor, and its derivative by the sum or mean of |x|^p times p; both are 0 where the divisor is."""
    p, nothing = norm.order, xp.zeros_like(powers)
    root = _root(xp, powers + norm.epsilon if norm.epsilon_place == "inside" else powers, p)
    slope = reciprocal(xp, root if p == SQUARE else root ** (p - 1))
    if norm.epsilon_place == "inside":
        return reciprocal(xp, root), slope
    if norm.epsilon_place == "outside":
        return 1 / (root + norm.epsilon), slope
    low = root <= norm.epsilon
    return 1 / xp.where(low, nothing + norm.epsilon, root), xp.where(low, nothing, slope)


def reciprocal(xp: Any, a: Array) -> Array:
    """Give 1 / a, and 0 where a is 0: x is 0 there, and so is all that it multiplies."""
    none, nothing = a == 0, xp.zeros_like(a)
    return xp.where(none, nothing, 1 / xp.where(none, nothing + 1, a))


def without_number(xp: Any, y: Array, inverse: Array) -> Array:
    """Give y, and no number where the divisor was 0."""
    return xp.where(inverse == 0, xp.zeros_like(y) + float("nan"), y)
