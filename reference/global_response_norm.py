"""Global response normalization, forward and gradient, as docs/spec/global_response_norm.md defines it."""

from typing import NamedTuple

from normspec.layers.axes import resolve
from normspec.layers.geometry import together
from normspec.layers.global_response_norm import GlobalResponseNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.divide import reciprocal
from normspec.reference.names import cast, dtype_named, namespace, promoted
from normspec.reference.parameters import affine, along, cotangents, output, times
from normspec.reference.sums import size, total


class Saved(NamedTuple):
    """What the gradient needs: `inverse` is 1 over the mean of the norms and epsilon, `response` the norm times that."""

    x: Array
    wide: Array
    scale: Array | None
    shift: Array | None
    norm: Array
    inverse: Array
    response: Array


def global_response_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    *,
    axes: tuple[int, ...],
    channel_axes: tuple[int, ...],
    epsilon: float,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, Saved]:
    """Multiply every channel of x by its norm over the mean of the norms, scale and shift it, and add x.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    scale, shift
        Of the shape of x along `channel_axes`, in ascending order; or None, for a scale of 1 and no shift.
    axes, channel_axes, epsilon, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.GlobalResponseNorm` define them.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `global_response_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, or an axis is among both.
    """
    check(GlobalResponseNorm, x, epsilon=epsilon, statistics_dtype=statistics_dtype, output_dtype=output_dtype)
    xp, at = namespace(x), together(tuple(x.shape), axes, channel_axes)
    dtype = dtype_named(xp, x, statistics_dtype)
    wide = cast(xp, x, dtype)
    norm = xp.sqrt(xp.astype(total(xp, wide * wide, resolve(axes, len(x.shape), "axes")), dtype))
    inverse = reciprocal(xp, total(xp, norm, at.lie) / size(x, at.lie) + epsilon)
    response = norm * inverse
    scaled = affine(xp, wide * response, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at))
    y = scaled + cast(xp, wide, scaled.dtype)
    return output(xp, y, x, (scale, shift), output_dtype), Saved(x, wide, scale, shift, norm, inverse, response)


def global_response_norm_vjp(saved: Saved, dy: Array, *, axes: tuple[int, ...], channel_axes: tuple[int, ...]) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `global_response_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    at, xp = together(shape_of_cotangent(dy, saved), axes, channel_axes), namespace(dy)
    dy = cast(xp, dy, saved.wide.dtype)
    found = cotangents(xp, dy, saved.wide * saved.response, saved.scale, saved.shift, at)
    h = times(xp, dy, saved.scale, at)
    dy, h, x, norm, inverse, response = promoted(xp, dy, h, saved.wide, saved.norm, saved.inverse, saved.response)
    of_response = total(xp, h * x, resolve(axes, len(dy.shape), "axes"))
    of_mean = total(xp, of_response * response, at.lie) / size(dy, at.lie)
    dx = dy + h * response + x * reciprocal(xp, norm) * (inverse * (of_response - of_mean))
    return {"x": cast(xp, dx, saved.x.dtype), **found}
