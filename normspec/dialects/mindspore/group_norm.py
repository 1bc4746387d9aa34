"""Group norm of MindSpore."""

from normspec.dialects.mindspore import common as c
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> GroupNorm:
    """Give what GroupNorm means: it "divides the channels into groups"."""
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
        **c.COMMON,
    )


def write(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of GroupNorm."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    return {"num_groups": s.groups, "num_channels": situation.shape[axis], "eps": float(s.epsilon), "affine": s.scale or s.shift}


ENTRY = c.entry(
    "group_norm",
    "nn.GroupNorm",
    {"eps": 1e-5, "affine": True},
    fixed=c.BORN,
    free=("dtype",),
    positional=("num_groups", "num_channels", "eps", "affine", *c.BORN, "dtype"),
    ranks=c.RANKS[1:],
    sizes={"num_channels": int},
    attributes=c.attributes("num_groups", "num_channels", "eps", affine=True),
    read=read,
    write=write,
)
