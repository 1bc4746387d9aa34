"""Group norm of Flax, whose channels lie along the last axis."""

from typing import Any

from normspec.dialects.entry import Name
from normspec.dialects.flax import common as c
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.layers.axes import others, resolve
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> GroupNorm:
    """Give what GroupNorm means: statistics for every group, and every index of the axes that are not reduced."""
    return GroupNorm(
        batch_axes=_batch_axes(a["reduction_axes"], len(situation.shape)),
        channel_axes=(-1,),
        groups=_groups(a, situation),
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["epsilon"],
        scale=a["use_scale"],
        shift=a["use_bias"],
        **c.precision(a),
        **c.STANDARDIZED,
    )


def _batch_axes(reduced: Any, rank: int) -> tuple[int, ...]:
    """Give the axes that are not reduced. By default that is "the leading dimension which is assumed to represent the batch"."""
    if reduced is None and rank > 1:
        return (0,)
    if reduced is None:
        raise Unsupported("reduction_axes must be given for an x of rank 1, whose leading axis is no batch but the channels'")
    axes = resolve(c.axes_of(reduced), rank, "reduction_axes")
    if rank - 1 not in axes:
        raise Unsupported(f'reduction_axes "must include the final dimension", which is axis {rank - 1} of x, got {reduced!r}')
    return others(axes, rank)


def _groups(a: c.Arguments, situation: Situation) -> int:
    """Give the number of groups, which is told, or follows from the number of channels: that of nnx, which is told it, or of x."""
    groups, size = a["num_groups"], a["group_size"]
    if (groups is None) == (size is None):
        raise Unsupported(
            f"one of num_groups and group_size must be given, and the other None, or Flax refuses; got {groups!r} and {size!r}"
        )
    told = a.get("num_features")
    channels = situation.shape[-1] if told is None or isinstance(told, Name) else told
    if size is not None and channels % size:
        raise Unsupported(f"group_size must divide the number of channels, or Flax refuses; got {size} and {channels}")
    if size is None and channels is told and channels % groups:
        raise Unsupported(f"num_groups must divide the number of channels, or Flax refuses; got {groups} and {channels}")
    return int(groups if size is None else channels // size)


def write(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of linen's GroupNorm."""
    rank = len(situation.shape)
    reduced = tuple(sorted({*others(s.at_rank(rank).batch_axes, rank), rank - 1}))
    usual = reduced == tuple(range(1, rank))
    return {"num_groups": s.groups, "reduction_axes": None if usual else c.one_or_more(reduced), **c.affine(s)}


DEFAULTS: dict[str, Any] = {"num_groups": 32, "group_size": None, "epsilon": 1e-6, "reduction_axes": None, **c.AFFINE}


def attributes(module: Any) -> c.Arguments:
    """Give the arguments of a live layer of nnx, which keeps both the number of groups and their size."""
    kept = c.attributes(*(name for name in DEFAULTS if name != "group_size"), *c.ALONE)(module)
    return {"num_features": module.num_groups * module.group_size, "group_size": None, **kept}


NNX = c.nnx(
    "group_norm",
    "GroupNorm",
    DEFAULTS,
    positional=("num_features", "num_groups", "group_size"),
    attributes=attributes,
    read=read,
    write=c.of_nnx(write),
)
LINEN = c.linen(
    "group_norm",
    "GroupNorm",
    {**DEFAULTS, **c.REDUCTIONS},
    positional=("num_groups", "group_size", "epsilon", "dtype", "param_dtype", "use_bias", "use_scale"),
    read=read,
    write=write,
)
