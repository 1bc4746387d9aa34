"""Group norm of Equinox."""

from typing import Any

from normspec.dialects.equinox import common as c
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> GroupNorm:
    """Give what GroupNorm means: the channels are the first axis of a sample; how many there are must be given where it has a weight."""
    groups, channels = a["groups"], a["channels"]
    if isinstance(channels, int) and channels % groups:
        raise Unsupported(f"channels must be divisible by groups, which is {groups}, got {channels}")
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        groups=groups,
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["eps"],
        scale=a["channelwise_affine"],
        shift=a["channelwise_affine"],
        statistics_dtype="input",
        output_dtype="input",
        **c.STANDARDIZED,
    )


def write(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of GroupNorm."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    return {"groups": s.groups, "channels": situation.shape[axis], "eps": s.epsilon, "channelwise_affine": s.scale or s.shift}


DEFAULTS: dict[str, Any] = {"channels": None, "eps": 1e-5, "channelwise_affine": True}

ENTRY = c.entry(
    "group_norm",
    "GroupNorm",
    DEFAULTS,
    ("groups", *DEFAULTS, "dtype"),
    ranks=range(2, 65),
    attributes=lambda module: {name: getattr(module, name) for name in ("groups", *DEFAULTS)},
    read=read,
    write=write,
)
