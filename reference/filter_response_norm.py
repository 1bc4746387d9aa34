"""Filter response normalization, forward and gradient, as docs/spec/filter_response_norm.md defines it."""

from typing import Any, NamedTuple

from normspec.layers.filter_response_norm import FilterResponseNorm
from normspec.layers.geometry import over
from normspec.records import Array, Arrays
from normspec.reference import divide
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.names import cast, dtype_named, namespace, promoted, shaped
from normspec.reference.parameters import affine, along, number, of_number, output, times
from normspec.reference.sums import total


class Saved(NamedTuple):
    """What the gradient needs: that of x over its norm, the share of dy that counts for it, threshold and offset."""

    divided: divide.Saved
    share: Array | None
    threshold: Array | None
    offset: Array | None


def filter_response_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    threshold: Array | None = None,
    offset: Array | None = None,
    *,
    axes: tuple[int, ...],
    parameter_axes: tuple[int, ...],
    epsilon: float,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, Saved]:
    """Divide x by its root mean square over these axes, scale and shift it, and take the larger of that and the threshold.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    scale, shift, threshold
        Of the shape of x along `parameter_axes`, in ascending order; or None.
    offset
        What is learned of epsilon: an array of no axes, or None.
    axes, parameter_axes, epsilon, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.FilterResponseNorm` define them.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `filter_response_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    """
    check(FilterResponseNorm, x, epsilon=epsilon, statistics_dtype=statistics_dtype, output_dtype=output_dtype)
    xp, at = namespace(x), over(tuple(x.shape), axes, parameter_axes)
    norm = divide.Norm(at.axes, _epsilon(xp, cast(xp, x, dtype_named(xp, x, statistics_dtype)), epsilon, offset), "inside", mean=True)
    normal, inverse, way = divide.divided(xp, x, norm, statistics_dtype)
    y, share = affine(xp, normal, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at)), None
    if threshold is not None:
        y, least = promoted(xp, y, along(xp, threshold, "threshold", x, at))
        nothing = xp.zeros_like(y)
        share = xp.where(y > least, nothing + 1, xp.where(y < least, nothing, nothing + 0.5))
        y = xp.where(y < least, nothing + least, y)  # in this order, what is no number stays so
    saved = Saved(divide.Saved(x, scale, shift, normal, normal, inverse, way), share, threshold, offset)
    return output(xp, y, x, (scale, shift, threshold, offset), output_dtype), saved


def filter_response_norm_vjp(saved: Saved, dy: Array, *, axes: tuple[int, ...], parameter_axes: tuple[int, ...]) -> Arrays:
    """Give the cotangents of x and the parameters.

    Parameters
    ----------
    saved
        From `filter_response_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale`, `shift`, `threshold` and `offset` as far as they were given: each of its array's shape and dtype.
    """
    at, xp = over(shape_of_cotangent(dy, getattr(saved, "divided", None)), axes, parameter_axes), namespace(dy)
    of = saved.divided
    dy = cast(xp, dy, of.normal.dtype)
    counts = dy if saved.share is None else dy * cast(xp, saved.share, dy.dtype)
    found = dict(divide.vjp(xp, of, counts, at.axes, at))
    if saved.threshold is not None:
        rest = total(xp, dy - counts, tuple(a for a in range(len(dy.shape)) if a not in at.lie))
        found["threshold"] = cast(xp, shaped(xp, rest, saved.threshold.shape), saved.threshold.dtype)
    if saved.offset is not None:
        h, normal, inverse = promoted(xp, times(xp, counts, of.scale, at), of.normal, of.inverse)
        terms, sign = promoted(xp, h * normal * inverse * inverse, divide.sign(xp, number(xp, saved.offset, "offset", of.x)))
        found["offset"] = of_number(xp, terms * sign * -0.5, saved.offset)
    return found


def _epsilon(xp: Any, wide: Array, epsilon: float, offset: Array | None) -> Array | float:
    """Give what is added to the mean square, of the dtype of x as it is computed with."""
    if offset is None:
        return epsilon
    learned = number(xp, offset, "offset", wide)
    learned = cast(xp, learned, xp.result_type(learned.dtype, wide.dtype))  # before epsilon is added, lest it be rounded away in 16 bits
    return cast(xp, xp.abs(learned) + epsilon, wide.dtype)
