"""Scale normalization, forward and gradient, as docs/spec/scale_norm.md defines it."""

from normspec.layers.geometry import over
from normspec.layers.scale_norm import ScaleNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.divide import Norm, Saved, divided, vjp
from normspec.reference.names import namespace
from normspec.reference.parameters import affine, along, output


def scale_norm(
    x: Array,
    scale: Array | None = None,
    *,
    axes: tuple[int, ...],
    epsilon: float,
    epsilon_place: str = "floor",
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, Saved]:
    """Divide x by its Euclidean norm over these axes, and multiply by one length.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    scale
        The length, often called g: an array of no axes; without one it is 1.
    axes, epsilon, epsilon_place, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.ScaleNorm` define them.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `scale_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where x has not these axes, or scale has any.
    """
    check(ScaleNorm, x, epsilon=epsilon, epsilon_place=epsilon_place, statistics_dtype=statistics_dtype, output_dtype=output_dtype)
    xp, at = namespace(x), over(tuple(x.shape), axes)
    normal, inverse, way = divided(xp, x, Norm(at.axes, epsilon, epsilon_place), statistics_dtype)
    y = affine(xp, normal, along(xp, scale, "scale", x, at), None)
    return output(xp, y, x, (scale,), output_dtype), Saved(x, scale, None, normal, normal, inverse, way)


def scale_norm_vjp(saved: Saved, dy: Array, *, axes: tuple[int, ...]) -> Arrays:
    """Give the cotangents of x and scale.

    Parameters
    ----------
    saved
        From `scale_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x` and `scale`, each of its array's shape and dtype.
    """
    at = over(shape_of_cotangent(dy, saved), axes)
    return vjp(namespace(dy), saved, dy, at.axes, at)
