"""RMS norm of tinygrad."""

from normspec.dialects.tinygrad import common as c
from normspec.layers import RMSNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> RMSNorm:
    """Give what RMSNorm means: `self._norm(x.float()).cast(x.dtype)`, which is multiplied by the weight."""
    return RMSNorm(
        axes=(-1,),
        parameter_axes=(-1,),
        fraction=1.0,
        epsilon=a["eps"],
        epsilon_place="inside",
        scale=a["elementwise_affine"],
        shift=False,
        rounding="before_scale",
        statistics_dtype="float32",
        output_dtype="promoted",
    )


def write(s: RMSNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of RMSNorm."""
    return {"dim": situation.shape[-1], "eps": s.epsilon, "elementwise_affine": s.scale}


ENTRY = c.entry(
    "rms_norm",
    "RMSNorm",
    {"eps": 1e-6, "elementwise_affine": True},
    "dim",
    ranks=range(1, 65),
    sizes={"dim": int},
    names={"scale": "weight"},
    attributes=c.attributes("eps", affine="elementwise_affine"),
    read=read,
    write=write,
)
