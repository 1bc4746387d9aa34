"""Group normalization of OpenVINO."""

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.openvino import common as c
from normspec.layers import GroupNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> GroupNorm:
    """Give what group_normalization means: "per batch, per group of channels", one scale and one bias for each channel."""
    of_one_dtype(situation)
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        groups=a["num_groups"],
        grouping="contiguous",
        scale_per="channel",
        epsilon=c.positive("epsilon", a),
        **c.SCALED,
    )


def write(s: GroupNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of group_normalization."""
    return {"num_groups": s.groups, "epsilon": c.no_less(s.epsilon)}


ENTRY = c.entry(
    "group_norm",
    "group_normalization",
    12,
    "group-normalization-12",
    ("data", "scale", "bias"),
    ("num_groups", "epsilon"),
    ranks=range(2, 65),
    names={"scale": "scale", "shift": "bias"},
    read=read,
    write=write,
)
