"""Group norm of MLX."""

from typing import Any

from normspec.dialects.mlx import common as c
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> GroupNorm:
    """Give what GroupNorm means: channels last, in groups by turns or, if `pytorch_compatible`, one group after the other."""
    groups, dims = a["num_groups"], a["dims"]
    if isinstance(dims, int) and dims % groups:
        raise Unsupported(f"dims must be divisible by num_groups, which is {groups}, got {dims}")
    compatible = a["pytorch_compatible"]
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=(-1,),
        groups=groups,
        grouping="contiguous" if compatible else "interleaved",
        scale_per="channel",
        epsilon=c.epsilon(a),
        scale=a["affine"],
        shift=a["affine"],
        statistics_dtype=c.statistics_dtype(situation.dtype) if compatible else "input",
        output_dtype="promoted",
        one_value="shift",
        **c.STANDARDIZED,
    )


def write(s: GroupNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of GroupNorm."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    told = {"affine": s.scale or s.shift, "pytorch_compatible": s.grouping == "contiguous"}
    return {"num_groups": s.groups, "dims": situation.shape[axis], "eps": s.epsilon, **told}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "affine": True, "pytorch_compatible": False}

ENTRY = c.entry(
    "group_norm",
    "GroupNorm",
    DEFAULTS,
    ranks=range(2, 65),
    positional=("num_groups", "dims", *DEFAULTS),
    attributes=c.attributes("num_groups", "dims", "eps", "pytorch_compatible"),
    read=read,
    write=write,
)
