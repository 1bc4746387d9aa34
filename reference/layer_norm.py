"""Layer normalization, forward and gradient, as docs/spec/layer_norm.md defines it."""

from normspec.layers.geometry import over
from normspec.layers.layer_norm import LayerNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def layer_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    *,
    axes: tuple[int, ...],
    epsilon: float,
    parameter_axes: tuple[int, ...] | None = None,
    epsilon_place: str = "inside",
    correction: int = 0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
    mask: Array | None = None,
) -> tuple[Array, Saved]:
    """Normalize x over its own axes, sample by sample.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    scale, shift
        Of the shape of x along `parameter_axes` (those of `axes` if not given), in ascending order; or None.
    axes, epsilon, parameter_axes, epsilon_place, correction, statistics_dtype, output_dtype, one_value
        As the clauses of `normspec.LayerNorm` define them.
    mask
        Boolean, broadcastable to x: statistics are taken over the values where it is true alone, at least one of each statistic's.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `layer_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    Refused
        Where statistics would be taken over one value and `one_value` is `refuse`.
    """
    check(
        LayerNorm,
        x,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        correction=correction,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
    )
    y, _, saved = step(
        x,
        {"scale": scale, "shift": shift},
        over(tuple(x.shape), axes, axes if parameter_axes is None else parameter_axes),
        correction=correction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
        mask=mask,
    )
    assert saved is not None, "there is an output, and so a gradient"
    return y, saved


def layer_norm_vjp(
    saved: Saved, dy: Array, *, axes: tuple[int, ...], parameter_axes: tuple[int, ...] | None = None, correction: int = 0
) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `layer_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    at = over(shape_of_cotangent(dy, saved), axes, axes if parameter_axes is None else parameter_axes)
    return step_vjp(saved, dy, at, correction=correction)
