"""RMS normalization, forward and gradient, as docs/spec/rms_norm.md defines it."""

from math import floor

from normspec.dtypes import FLOATS
from normspec.layers.geometry import over
from normspec.layers.rms_norm import RMSNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.divide import Norm, Saved, divided, vjp
from normspec.reference.names import cast, dtype_named, namespace
from normspec.reference.parameters import affine, along, output
from normspec.reference.sums import size


def rms_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    *,
    axes: tuple[int, ...],
    epsilon: float,
    parameter_axes: tuple[int, ...] | None = None,
    fraction: float = 1.0,
    epsilon_place: str = "inside",
    rounding: str = "last",
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, Saved]:
    """Divide x by its root mean square over its own axes, sample by sample.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    scale, shift
        Of the shape of x along `parameter_axes` (those of `axes` if not given), in ascending order; or None.
    axes, epsilon, parameter_axes, fraction, epsilon_place, rounding, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.RMSNorm` define them; `rounding` may name another dtype to round to than x's.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `rms_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    """
    check(
        RMSNorm,
        x,
        **({} if rounding in FLOATS else {"rounding": rounding}),
        fraction=fraction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
    )
    xp = namespace(x)
    at = over(tuple(x.shape), axes, axes if parameter_axes is None else parameter_axes)
    norm = Norm(at.axes, epsilon, epsilon_place, mean=True, part=max(floor(fraction * size(x, at.axes)), 1))
    normal, inverse, way = divided(xp, x, norm, statistics_dtype)
    multiplied = normal
    if rounding != "last":
        narrow = xp.astype(normal, dtype_named(xp, x, "input" if rounding == "before_scale" else rounding))
        multiplied = cast(xp, narrow, normal.dtype)
    y = affine(xp, multiplied, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at))
    return output(xp, y, x, (scale, shift), output_dtype), Saved(x, scale, shift, normal, multiplied, inverse, way)


def rms_norm_vjp(saved: Saved, dy: Array, *, axes: tuple[int, ...], parameter_axes: tuple[int, ...] | None = None) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `rms_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    at = over(shape_of_cotangent(dy, saved), axes, axes if parameter_axes is None else parameter_axes)
    return vjp(namespace(dy), saved, dy, at.axes, at)
