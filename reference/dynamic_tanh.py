"""Dynamic tanh, forward and gradient, as docs/spec/dynamic_tanh.md defines it."""

from typing import NamedTuple

from normspec.layers.dynamic_tanh import DynamicTanh
from normspec.layers.geometry import over
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.names import cast, dtype_named, namespace, promoted
from normspec.reference.parameters import affine, along, cotangents, number, of_number, output, times


class Saved(NamedTuple):
    """What the gradient needs: x as it was given and as it was computed with, the parameters, and the tanh."""

    x: Array
    wide: Array
    alpha: Array
    scale: Array | None
    shift: Array | None
    bent: Array


def dynamic_tanh(
    x: Array,
    alpha: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    *,
    parameter_axes: tuple[int, ...],
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, Saved]:
    """Take the hyperbolic tangent of alpha x, value by value.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    alpha
        An array of no axes.
    scale, shift
        Of the shape of x along `parameter_axes`, in ascending order; or None.
    parameter_axes, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.DynamicTanh` define them.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `dynamic_tanh_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    """
    check(DynamicTanh, x, statistics_dtype=statistics_dtype, output_dtype=output_dtype)
    xp, at = namespace(x), over(tuple(x.shape), (), parameter_axes)
    dtype = dtype_named(xp, x, statistics_dtype)
    wide, factor = promoted(xp, cast(xp, x, dtype), number(xp, alpha, "alpha", x))
    bent = xp.tanh(xp.astype(factor * wide, dtype))
    y = affine(xp, bent, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at))
    return output(xp, y, x, (alpha, scale, shift), output_dtype), Saved(x, wide, alpha, scale, shift, bent)


def dynamic_tanh_vjp(saved: Saved, dy: Array, *, parameter_axes: tuple[int, ...]) -> Arrays:
    """Give the cotangents of x, alpha, scale and shift.

    Parameters
    ----------
    saved
        From `dynamic_tanh`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, `alpha`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    at, xp = over(shape_of_cotangent(dy, saved), (), parameter_axes), namespace(dy)
    dy = cast(xp, dy, saved.bent.dtype)
    h, bent, wide, factor = promoted(xp, times(xp, dy, saved.scale, at), saved.bent, saved.wide, number(xp, saved.alpha, "alpha", saved.x))
    inner = h * (1 - bent * bent)
    found = cotangents(xp, dy, saved.bent, saved.scale, saved.shift, at)
    return {"x": cast(xp, inner * factor, saved.x.dtype), "alpha": of_number(xp, inner * wide, saved.alpha), **found}
