"""Batch normalization, forward and gradient, as docs/spec/batch_norm.md defines it."""

from normspec.layers.batch_norm import BatchNorm
from normspec.layers.geometry import keeping
from normspec.layers.running import Running
from normspec.records import Array, Arrays, Mode
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def batch_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    state: Arrays | None = None,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    epsilon: float,
    running: Running | None = None,
    epsilon_place: str = "inside",
    correction: int = 0,
    train_with: str = "batch",
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
    mask: Array | None = None,
) -> tuple[Array, dict[str, Array], Saved | None]:
    """Normalize x over every axis but the channel axes.

    Parameters
    ----------
    x
        Floating, of any rank that has the channel axes, with at least one value per statistic.
    scale, shift
        Of the shape of x along the channel axes, in ascending order; or None.
    state
        `running_mean` and `running_variance` of that shape and, where `running.start` is not `initial`, the integer `count`.
        Needed where `running` is given.
    mode, channel_axes, epsilon, running, epsilon_place, correction, train_with, statistics_dtype, output_dtype, one_value
        As the clauses of `normspec.BatchNorm` define them.
    mask
        Boolean, broadcastable to x: statistics are taken over the values where it is true alone, at least one of each statistic's.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`; None in mode `observe`.
    state
        The state after the step, a new dict; evaluate and freeze give the arrays that they were given.
    saved
        What `batch_norm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, or a state is missing.
    Refused
        Where statistics would be taken over one value and `one_value` is `refuse`.
    """
    check(
        BatchNorm,
        x,
        mode=mode,
        state=state,
        running=running,
        train_with=train_with,
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
        keeping(tuple(x.shape), channel_axes),
        mode=mode,
        running=running,
        train_with=train_with,
        correction=correction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
        mask=mask,
    )


def batch_norm_vjp(
    saved: Saved,
    dy: Array,
    *,
    channel_axes: tuple[int, ...],
    running: Running | None = None,
    correction: int = 0,
    train_with: str = "batch",
) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `batch_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    return step_vjp(
        saved, dy, keeping(shape_of_cotangent(dy, saved), channel_axes), correction=correction, running=running, train_with=train_with
    )
