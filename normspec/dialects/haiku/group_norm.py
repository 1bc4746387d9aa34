"""Group norm of Haiku."""

from typing import Any

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.haiku import common as c
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.layers.axes import others, resolve
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> GroupNorm:
    """Give what GroupNorm means: statistics "over the spatial dimensions and the grouped channels", or those of the axes told."""
    of_one_dtype(situation)
    rank, channels = len(situation.shape), c.channels(a)
    reduced = resolve(c.axes(a["axis"], rank), rank, "axis")
    (own,) = resolve((channels,), rank, "data_format")
    if own not in reduced:
        raise Unsupported(f"axis must have that of the channels, {own}, or every channel is alone, got {a['axis']!r}")
    return GroupNorm(
        batch_axes=others(reduced, rank),
        channel_axes=(channels,),
        groups=a["groups"],
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["eps"],
        variance="two_pass",
        scale=a["create_scale"],
        shift=a["create_offset"],
        **c.STANDARDIZED,
    )


def write(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of GroupNorm."""
    rank = len(situation.shape)
    batch = s.at_rank(rank).batch_axes
    where = {} if batch == (0,) else {"axis": others(batch, rank)}
    told = {"eps": s.epsilon, "data_format": c.data_format(s.channel_axes[0], rank)}
    return {"groups": s.groups, **where, "create_scale": s.scale, "create_offset": s.shift, **told}


DEFAULTS: dict[str, Any] = {
    "axis": slice(1, None),
    "create_scale": True,
    "create_offset": True,
    "eps": 1e-5,
    "data_format": "channels_last",
}
FIRST = ("groups", "axis", "create_scale", "create_offset", "eps", "scale_init", "offset_init", "data_format")

ENTRY = c.entry("group_norm", "GroupNorm", DEFAULTS, FIRST, ranks=range(2, 65), lie="short", read=read, write=write)
