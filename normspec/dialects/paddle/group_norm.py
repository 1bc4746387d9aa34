"""Group norm of Paddle: the layer and the function."""

from normspec.dialects.paddle import common as c
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation


def _meaning(a: c.Arguments, *, scale: bool, shift: bool) -> GroupNorm:
    """Give what either means."""
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=(c.channel_axis(a),),
        groups=a["num_groups"],
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["epsilon"],
        scale=scale,
        shift=shift,
        **c.COMMON,
    )


def read(a: c.Arguments, _: Situation) -> GroupNorm:
    """Give what GroupNorm means."""
    groups, channels = a["num_groups"], a["num_channels"]
    if isinstance(channels, int) and channels % groups:
        raise Unsupported(f"num_channels must be divisible by num_groups, which is {groups}, got {channels}")
    told = c.shared(a)
    return _meaning(a, scale=a["affine"] and told["scale"], shift=a["affine"] and told["shift"])


def write(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of GroupNorm."""
    affine = {"affine": False} if not s.scale and not s.shift else c.attributes_of(s)
    told = {"num_groups": s.groups, "num_channels": c.channels(s, situation), "epsilon": s.epsilon}
    return {**told, **affine, **c.data_format(s, situation)}


def read_function(a: c.Arguments, _: Situation) -> GroupNorm:
    """Give what functional.group_norm means; arrays stand as our names for them, and None where they are not given."""
    return _meaning(a, **c.given(a))


def write_function(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of functional.group_norm."""
    return {"num_groups": s.groups, "epsilon": s.epsilon, **c.parameters(s), **c.data_format(s, situation)}


LAYER = c.entry(
    "group_norm",
    "GroupNorm",
    range(2, 6),
    {"epsilon": 1e-5, "affine": True, "weight_attr": None, "bias_attr": None, "data_format": "NCHW"},
    ("num_groups", "num_channels", "epsilon"),
    free=("device", "dtype", "name"),
    sizes={"num_channels": int},
    attributes=c.attributes("num_groups", "num_channels", "epsilon", "data_format"),
    read=read,
    write=write,
)
TOLD = {"epsilon": 1e-5, "weight": None, "bias": None, "data_format": "NCHW"}
FUNCTION = c.function(
    "group_norm", "group_norm", range(2, 6), TOLD, ("num_groups", *TOLD, "name"), read=read_function, write=write_function
)

ENTRIES = (LAYER, FUNCTION)
