"""Group normalization, forward and gradient, as docs/spec/group_norm.md defines it."""

from normspec.layers.geometry import Geometry, by_group
from normspec.layers.group_norm import GroupNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def group_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    *,
    groups: int,
    channel_axes: tuple[int, ...],
    epsilon: float,
    batch_axes: tuple[int, ...] = (0,),
    grouping: str = "contiguous",
    scale_per: str = "channel",
    epsilon_place: str = "inside",
    correction: int = 0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
    mask: Array | None = None,
) -> tuple[Array, Saved]:
    """Normalize x over groups of channels and every axis that is not the batch's.

    Parameters
    ----------
    x
        Floating, of any rank that has these axes; `groups` divides its number of channels C.
    scale, shift
        Of the shape (C,), or (groups,) where `scale_per` is `group`; or None. They lie along the channels, whatever other axes have C.
    groups, channel_axes, epsilon, batch_axes, grouping, scale_per, epsilon_place, correction, statistics_dtype, output_dtype, one_value
        As the clauses of `normspec.layers.GroupNorm` define them.
    mask
        Boolean, broadcastable to x: statistics are taken over the values where it is true alone, at least one of each statistic's.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    saved
        What `group_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, or `groups` does not divide C.
    Refused
        Where statistics would be taken over one value and `one_value` is `refuse`.
    """
    check(
        GroupNorm,
        x,
        groups=groups,
        grouping=grouping,
        scale_per=scale_per,
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
        _geometry(tuple(x.shape), batch_axes, channel_axes, groups, grouping, scale_per),
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


def group_norm_vjp(
    saved: Saved,
    dy: Array,
    *,
    groups: int,
    channel_axes: tuple[int, ...],
    batch_axes: tuple[int, ...] = (0,),
    grouping: str = "contiguous",
    scale_per: str = "channel",
    correction: int = 0,
) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `group_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    return step_vjp(
        saved, dy, _geometry(shape_of_cotangent(dy, saved), batch_axes, channel_axes, groups, grouping, scale_per), correction=correction
    )


def _geometry(
    shape: tuple[int, ...], batch_axes: tuple[int, ...], channel_axes: tuple[int, ...], groups: int, grouping: str, scale_per: str
) -> Geometry:
    contiguous, of_group = grouping == "contiguous", scale_per == "group"
    return by_group(shape, batch_axes, channel_axes, groups, contiguous=contiguous, of_group=of_group)
