"""Group norm of tinygrad."""

from normspec.dialects.tinygrad import common as c
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> GroupNorm:
    """Give what GroupNorm means: groups of channels that follow one another. One that cuts a channel in two has no place here."""
    groups, channels = a["num_groups"], a["num_channels"]
    if isinstance(channels, int) and channels % groups:
        raise Unsupported(f"num_channels must be divisible by num_groups, which is {groups}, got {channels}")
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        groups=groups,
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["eps"],
        scale=a["affine"],
        shift=a["affine"],
        output_dtype="promoted",
        one_value="shift",
        **c.STANDARDIZED,
    )


def write(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of GroupNorm."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    return {"num_groups": s.groups, "num_channels": situation.shape[axis], "eps": s.epsilon, **c.affine(s, "affine")}


ENTRY = c.entry(
    "group_norm",
    "GroupNorm",
    {"eps": 1e-5, "affine": True},
    "num_groups",
    "num_channels",
    ranks=range(2, 65),
    sizes={"num_channels": int},
    attributes=c.attributes("num_groups", "num_channels", "eps", affine="affine"),
    read=read,
    write=write,
)
