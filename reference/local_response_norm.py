"""Local response normalization, forward and gradient, as docs/spec/local_response_norm.md defines it."""

from typing import Any, NamedTuple

from normspec.layers.axes import resolve
from normspec.layers.local_response_norm import LocalResponseNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.names import cast, dtype_named, namespace
from normspec.reference.parameters import output


class Saved(NamedTuple):
    """What the gradient needs: x as it was given and as it was computed with, and the divisor before its power."""

    x: Array
    wide: Array
    divisor: Array


def local_response_norm(
    x: Array,
    *,
    channel_axes: tuple[int, ...],
    before: int,
    after: int,
    coefficient: float,
    exponent: float,
    bias: float,
    edges: str = "zeros",
    statistics_dtype: str = "widened",
) -> tuple[Array, Saved]:
    """Divide every value of x by a power of the squares in a window along the channels.

    Parameters
    ----------
    x
        Floating, of any rank that has the axis.
    channel_axes, before, after, coefficient, exponent, bias, edges, statistics_dtype
        As the clauses of `normspec.layers.LocalResponseNorm` define them.

    Returns
    -------
    y
        Of x's shape and dtype.
    saved
        What `local_response_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where x has not this axis.
    """
    check(
        LocalResponseNorm,
        x,
        before=before,
        after=after,
        coefficient=coefficient,
        exponent=exponent,
        bias=bias,
        edges=edges,
        statistics_dtype=statistics_dtype,
    )
    xp = namespace(x)
    (axis,) = resolve(channel_axes, len(x.shape), "channel_axes")
    dtype = dtype_named(xp, x, statistics_dtype)
    wide = cast(xp, x, dtype)
    seen = xp.astype(window(xp, wide * wide, axis, before, after), dtype)
    divisor = bias + coefficient * (seen if edges == "zeros" else seen * _missing(xp, wide, axis, before, after))
    return output(xp, wide * divisor**-exponent, x, (), "input"), Saved(x, wide, divisor)


def local_response_norm_vjp(
    saved: Saved,
    dy: Array,
    *,
    channel_axes: tuple[int, ...],
    before: int,
    after: int,
    coefficient: float,
    exponent: float,
    edges: str = "zeros",
) -> Arrays:
    """Give the cotangent of x.

    Parameters
    ----------
    saved
        From `local_response_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, of its shape and dtype.
    """
    (axis,) = resolve(channel_axes, len(shape_of_cotangent(dy, saved)), "channel_axes")
    xp, wide, divisor = namespace(dy), saved.wide, saved.divisor
    dy = cast(xp, dy, wide.dtype)
    of_sums = dy * wide * divisor ** (-exponent - 1)
    if edges == "valid":
        of_sums = of_sums * _missing(xp, wide, axis, before, after)
    through = window(xp, of_sums, axis, after, before)  # the window as seen from a place: those whose windows have it
    dx = dy * divisor**-exponent - 2 * wide * (coefficient * (exponent * through))  # in this order, no product is one of Python's doubles
    return {"x": cast(xp, dx, saved.x.dtype)}


def window(xp: Any, x: Array, axis: int, before: int, after: int) -> Array:
    """Sum x over the window around every place of an axis; places beyond its ends count as 0."""
    n, lead = x.shape[axis], (slice(None),) * axis
    edge = xp.zeros_like(x[(*lead, slice(0, 1), ...)])
    padded = xp.concat([*[edge] * before, x, *[edge] * after], axis=axis)
    return sum((padded[(*lead, slice(k, k + n), ...)] for k in range(1, before + after + 1)), padded[(*lead, slice(0, n), ...)])


def _missing(xp: Any, x: Array, axis: int, before: int, after: int) -> Array:
    """Give by what a sum over a window is to be multiplied as if none of its places were missing."""
    return (before + after + 1) / window(xp, xp.zeros_like(x) + 1, axis, before, after)
