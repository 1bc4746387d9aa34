"""RMS norm of MLX."""

from normspec.dialects.mlx import common as c
from normspec.dtypes import promote
from normspec.layers import RMSNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> RMSNorm:
    """Give what RMSNorm means. Where y is wider than x, x is not rounded.

    "The accumulation for the mean is done in 32-bit precision".
    """
    promoted = promote(situation.dtype, situation.parameter_dtype)
    return RMSNorm(
        axes=(-1,),
        parameter_axes=(-1,),
        fraction=1.0,
        epsilon=c.epsilon(a),
        epsilon_place="inside",
        scale=True,
        shift=False,
        rounding="before_scale" if promoted == situation.dtype else "last",
        statistics_dtype="float32",
        output_dtype="promoted",
    )


def write(s: RMSNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of RMSNorm."""
    return {"dims": situation.shape[-1], "eps": s.epsilon}


ENTRY = c.entry(
    "rms_norm",
    "RMSNorm",
    {"eps": 1e-5},
    ranks=range(1, 65),
    names={"scale": "weight"},
    attributes=lambda module: {"dims": module.weight.shape[0], "eps": module.eps},
    read=read,
    write=write,
)
