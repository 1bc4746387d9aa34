"""Ghost batch normalization, forward and gradient, as docs/spec/ghost_batch_norm.md defines it."""

from normspec.layers.geometry import Geometry, by_ghost, keeping
from normspec.layers.ghost_batch_norm import GhostBatchNorm
from normspec.layers.running import Running
from normspec.records import Array, Arrays, Mode
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def ghost_batch_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    state: Arrays | None = None,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    ghost_size: int,
    epsilon: float,
    grouping: str = "contiguous",
    running: Running | None = None,
    observed: str = "each",
    epsilon_place: str = "inside",
    correction: int = 0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
) -> tuple[Array, dict[str, Array], Saved | None]:
    """Normalize x over every axis but the channel axes, so many samples at a time.

    Parameters
    ----------
    x
        Floating, of any rank from 2 that has the channel axes; samples lie along the first axis. Where x's own statistics are taken,
        `ghost_size` divides their number.
    scale, shift
        Of the shape of x along the channel axes, in ascending order; or None.
    state
        `running_mean` and `running_variance` of that shape and, where `running.start` is not `initial`, the integer `count`.
        Needed where `running` is given.
    mode, channel_axes, ghost_size, epsilon, grouping, running, observed, epsilon_place, correction
        As the clauses of `normspec.layers.GhostBatchNorm` define them.
    statistics_dtype, output_dtype, one_value
        Likewise.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`; None in mode `observe`.
    state
        The state after the step, a new dict; evaluate and freeze give the arrays that they were given.
    saved
        What `ghost_batch_norm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, the samples are no multiple of `ghost_size`, or a state is missing.
    Refused
        Where statistics would be taken over one value and `one_value` is `refuse`.
    """
    check(
        GhostBatchNorm,
        x,
        mode=mode,
        state=state,
        running=running,
        ghost_size=ghost_size,
        grouping=grouping,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        correction=correction,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
    )
    own = running is None or mode in ("train", "observe")
    return step(
        x,
        {**(state or {}), "scale": scale, "shift": shift},
        _geometry(tuple(x.shape), channel_axes, ghost_size, grouping, own=own),
        mode=mode,
        running=running,
        observed=observed,
        correction=correction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
        one_value=one_value,
    )


def ghost_batch_norm_vjp(
    saved: Saved,
    dy: Array,
    *,
    channel_axes: tuple[int, ...],
    ghost_size: int,
    grouping: str = "contiguous",
    correction: int = 0,
) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `ghost_batch_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    own = saved.weight is not None
    return step_vjp(saved, dy, _geometry(shape_of_cotangent(dy, saved), channel_axes, ghost_size, grouping, own=own), correction=correction)


def _geometry(shape: tuple[int, ...], channel_axes: tuple[int, ...], ghost_size: int, grouping: str, *, own: bool) -> Geometry:
    """Give where statistics lie: running ones normalize any number of samples."""
    if not own:
        return keeping(shape, channel_axes)
    return by_ghost(shape, channel_axes, ghost_size, contiguous=grouping == "contiguous")
