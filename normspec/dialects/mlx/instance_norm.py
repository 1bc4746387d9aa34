"""Instance norm of MLX."""

from normspec.dialects.mlx import common as c
from normspec.layers import InstanceNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> InstanceNorm:
    """Give what InstanceNorm means: channels last, and no running statistics."""
    return InstanceNorm(
        batch_axes=(0,),
        channel_axes=(-1,),
        epsilon=c.epsilon(a),
        running=None,
        scale=a["affine"],
        shift=a["affine"],
        statistics_dtype=c.statistics_dtype(situation.dtype),
        output_dtype="promoted",
        one_value="shift",
        **c.STANDARDIZED,
    )


def write(s: InstanceNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of InstanceNorm."""
    return {"dims": situation.shape[-1], "eps": s.epsilon, "affine": s.scale or s.shift}


ENTRY = c.entry("instance_norm", "InstanceNorm", {"eps": 1e-5, "affine": False}, ranks=range(3, 65), read=read, write=write)
