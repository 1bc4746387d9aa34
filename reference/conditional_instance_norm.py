"""Conditional instance normalization, forward and gradient, as docs/spec/conditional_instance_norm.md defines it."""

from normspec.layers.conditional_instance_norm import ConditionalInstanceNorm
from normspec.layers.geometry import by_condition, by_sample
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def conditional_instance_norm(
    x: Array,
    scale: Array,
    shift: Array,
    *,
    channel_axes: tuple[int, ...],
    epsilon: float,
    batch_axes: tuple[int, ...] = (0,),
    epsilon_place: str = "inside",
    correction: int = 0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
) -> tuple[Array, Saved]:
    """Normalize x over every axis but those of the batch and of the channels, and give every sample a scale and a shift of its own.

    Parameters
    ----------
    x
        Floating, of any rank that has these axes, with at least one value per statistic.
    scale, shift
        Of the shape of x along the batch and channel axes, in ascending order: (N, C) where x has N samples and C channels.
    channel_axes, epsilon, batch_axes, epsilon_place, correction, statistics_dtype, output_dtype, one_value
        As the clauses of `normspec.layers.ConditionalInstanceNorm` define them.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `conditional_instance_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    Refused
        Where statistics would be taken over one value and `one_value` is `refuse`.
    """
    check(
        ConditionalInstanceNorm,
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
        by_condition(by_sample(tuple(x.shape), batch_axes, channel_axes), batch_axes),
        correction=correction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
    )
    assert saved is not None, "there is an output, and so a gradient"
    return y, saved


def conditional_instance_norm_vjp(
    saved: Saved, dy: Array, *, channel_axes: tuple[int, ...], batch_axes: tuple[int, ...] = (0,), correction: int = 0
) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `conditional_instance_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, `scale` and `shift`: each of its array's shape and dtype.
    """
    at = by_condition(by_sample(shape_of_cotangent(dy, saved), batch_axes, channel_axes), batch_axes)
    return step_vjp(saved, dy, at, correction=correction)
