"""Weight normalization, forward and gradient, as docs/spec/weight_norm.md defines it."""

from normspec.layers.geometry import keeping
from normspec.layers.weight_norm import WeightNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.divide import Norm, Saved, divided, vjp
from normspec.reference.names import namespace
from normspec.reference.parameters import affine, along, output


def weight_norm(
    x: Array,
    scale: Array | None = None,
    *,
    channel_axes: tuple[int, ...],
    epsilon: float = 0.0,
    epsilon_place: str = "inside",
    statistics_dtype: str = "widened",
) -> tuple[Array, Saved]:
    """Divide a weight by its norm over every axis but the channel axes, and multiply by scale.

    Parameters
    ----------
    x
        The direction of the weight, often called v: floating, of any rank that has the channel axes.
    scale
        Its length, often called g: of the shape of x along the channel axes, in ascending order; or None.
    channel_axes, epsilon, epsilon_place, statistics_dtype
        As the clauses of `normspec.layers.WeightNorm` define them.

    Returns
    -------
    y
        The weight to use: of x's shape and dtype.
    saved
        What `weight_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    """
    check(WeightNorm, x, epsilon=epsilon, epsilon_place=epsilon_place, statistics_dtype=statistics_dtype)
    xp, at = namespace(x), keeping(tuple(x.shape), channel_axes)
    normal, inverse, way = divided(xp, x, Norm(at.axes, epsilon, epsilon_place), statistics_dtype)
    y = affine(xp, normal, along(xp, scale, "scale", x, at), None)
    return output(xp, y, x, (), "input"), Saved(x, scale, None, normal, normal, inverse, way)


def weight_norm_vjp(saved: Saved, dy: Array, *, channel_axes: tuple[int, ...]) -> Arrays:
    """Give the cotangents of x and scale.

    Parameters
    ----------
    saved
        From `weight_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` where it was given: each of its array's shape and dtype.
    """
    at = keeping(shape_of_cotangent(dy, saved), channel_axes)
    return vjp(namespace(dy), saved, dy, at.axes, at)
