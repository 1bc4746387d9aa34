"""Weight standardization, forward and gradient, as docs/spec/weight_standardization.md defines it."""

from normspec.layers.geometry import keeping
from normspec.layers.weight_standardization import WeightStandardization
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def weight_standardization(
    x: Array,
    scale: Array | None = None,
    *,
    channel_axes: tuple[int, ...],
    epsilon: float,
    epsilon_place: str = "inside",
    correction: int = 0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, Saved]:
    """Standardize a weight over every axis but the channel axes.

    Parameters
    ----------
    x
        The weight: floating, of any rank that has the channel axes.
    scale
        Of the shape of x along the channel axes, in ascending order; or None.
    channel_axes, epsilon, epsilon_place, correction, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.WeightStandardization` define them.

    Returns
    -------
    y
        The weight to use: of x's shape, its dtype by `output_dtype`.
    saved
        What `weight_standardization_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    """
    check(
        WeightStandardization,
        x,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        correction=correction,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
    )
    y, _, saved = step(
        x,
        {"scale": scale},
        keeping(tuple(x.shape), channel_axes),
        correction=correction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
    )
    assert saved is not None, "there is an output, and so a gradient"
    return y, saved


def weight_standardization_vjp(saved: Saved, dy: Array, *, channel_axes: tuple[int, ...], correction: int = 0) -> Arrays:
    """Give the cotangents of x and scale.

    Parameters
    ----------
    saved
        From `weight_standardization`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` where it was given: each of its array's shape and dtype.
    """
    return step_vjp(saved, dy, keeping(shape_of_cotangent(dy, saved), channel_axes), correction=correction)
