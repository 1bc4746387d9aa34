"""Conditional batch normalization, forward and gradient, as docs/spec/conditional_batch_norm.md defines it."""

from normspec.layers.conditional_batch_norm import ConditionalBatchNorm
from normspec.layers.geometry import by_condition, keeping
from normspec.layers.running import Running
from normspec.records import Array, Arrays, Mode
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def conditional_batch_norm(
    x: Array,
    scale: Array,
    shift: Array,
    state: Arrays | None = None,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    epsilon: float,
    batch_axes: tuple[int, ...] = (0,),
    running: Running | None = None,
    epsilon_place: str = "inside",
    correction: int = 0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
) -> tuple[Array, dict[str, Array], Saved | None]:
    """Normalize x over every axis but the channel axes, and give every sample a scale and a shift of its own.

    Parameters
    ----------
    x
        Floating, of any rank that has these axes, with at least one value per statistic.
    scale, shift
        Of the shape of x along the batch and channel axes, in ascending order: (N, C) where x has N samples and C channels.
    state
        `running_mean` and `running_variance` of the shape of x along the channel axes and, where `running.start` is not `initial`, the
        integer `count`. Needed where `running` is given.
    mode, channel_axes, epsilon, batch_axes, running, epsilon_place, correction, statistics_dtype, output_dtype, one_value
        As the clauses of `normspec.layers.ConditionalBatchNorm` define them.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`; None in mode `observe`.
    state
        The state after the step, a new dict; evaluate and freeze give the arrays that they were given.
    saved
        What `conditional_batch_norm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, or a state is missing.
    Refused
        Where statistics would be taken over one value and `one_value` is `refuse`.
    """
    check(
        ConditionalBatchNorm,
        x,
        mode=mode,
        state=state,
        running=running,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        correction=correction,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
    )
    return step(
        x,
        {**(state or {}), "scale": scale, "shift": shift},
        by_condition(keeping(tuple(x.shape), channel_axes), batch_axes),
        mode=mode,
        running=running,
        correction=correction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
    )


def conditional_batch_norm_vjp(
    saved: Saved, dy: Array, *, channel_axes: tuple[int, ...], batch_axes: tuple[int, ...] = (0,), correction: int = 0
) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `conditional_batch_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, `scale` and `shift`: each of its array's shape and dtype.
    """
    return step_vjp(saved, dy, by_condition(keeping(shape_of_cotangent(dy, saved), channel_axes), batch_axes), correction=correction)
