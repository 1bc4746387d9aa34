"""Instance norm of Haiku: layer norm over "the spatial dimensions", with parameters along the channels."""

from typing import Any

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.haiku import common as c
from normspec.layers import InstanceNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> InstanceNorm:
    """Give what InstanceNorm means."""
    of_one_dtype(situation)
    return InstanceNorm(
        batch_axes=(0,),
        channel_axes=(c.channels(a),),
        epsilon=a["eps"],
        variance="two_pass",
        running=None,
        scale=a["create_scale"],
        shift=a["create_offset"],
        **c.STANDARDIZED,
    )


def write(s: InstanceNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of InstanceNorm."""
    where = c.data_format(s.channel_axes[0], len(situation.shape)) if len(s.channel_axes) == 1 else "channels_last"
    return {"create_scale": s.scale, "create_offset": s.shift, "eps": s.epsilon, "data_format": where}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "data_format": "channels_last"}
FIRST = ("create_scale", "create_offset", "eps", "scale_init", "offset_init", "data_format")

ENTRY = c.entry("instance_norm", "InstanceNorm", DEFAULTS, FIRST, ranks=range(2, 65), lie="trailing", read=read, write=write)
