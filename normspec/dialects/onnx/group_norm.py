"""Group normalization of ONNX: opset 18, which scales each group, and opset 21, which scales each channel."""

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.onnx import common as c
from normspec.layers import GroupNorm
from normspec.layers.fields import StatisticsDtype
from normspec.layers.group_norm import ScalePer
from normspec.records import Situation


def _meaning(a: c.Arguments, situation: Situation, scale_per: ScalePer, statistics_dtype: StatisticsDtype) -> GroupNorm:
    of_one_dtype(situation)
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        groups=a["num_groups"],
        grouping="contiguous",
        scale_per=scale_per,
        epsilon=c.attribute(a["epsilon"], situation),
        scale=True,
        shift=True,
        statistics_dtype=statistics_dtype,
        output_dtype="input",
        **c.STANDARDIZED,
    )


def read_18(a: c.Arguments, situation: Situation) -> GroupNorm:
    """Give what GroupNormalization means up to opset 20: all is of x's dtype, and there is one scale for each group."""
    return _meaning(a, situation, "group", "input")


def read_21(a: c.Arguments, situation: Situation) -> GroupNorm:
    """Give what GroupNormalization means since opset 21: statistics are taken in float32, and there is one scale for each channel."""
    return _meaning(a, situation, "channel", c.statistics_dtype(situation))


def write(s: GroupNorm, _: Situation) -> c.Arguments:
    """Give the nearest attributes of either."""
    return {"num_groups": s.groups, "epsilon": s.epsilon}


ENTRIES = tuple(
    c.entry(
        "group_norm",
        "GroupNormalization",
        opset,
        ("X", "scale", "bias"),
        {"epsilon": 1e-5},
        range(3, 65),
        read,
        write,
        since=opset,
        until=until,
        required=("num_groups",),
        fixed=fixed,
        names={"scale": "scale", "shift": "bias"},
    )
    for opset, until, read, fixed in ((21, c.LATEST + 1, read_21, {"stash_type": c.FLOAT}), (18, 21, read_18, {}))
)
