"""Instance norm of tinygrad."""

from normspec.dialects.tinygrad import common as c
from normspec.layers import InstanceNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> InstanceNorm:
    """Give what InstanceNorm means: channels along axis 1, and no running statistics."""
    return InstanceNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        epsilon=a["eps"],
        running=None,
        scale=a["affine"],
        shift=a["affine"],
        output_dtype="promoted",
        one_value="shift",
        **c.STANDARDIZED,
    )


def write(s: InstanceNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of InstanceNorm."""
    return {"num_features": situation.shape[1], "eps": s.epsilon, **c.affine(s, "affine")}


ENTRY = c.entry(
    "instance_norm",
    "InstanceNorm",
    {"eps": 1e-5, "affine": True},
    "num_features",
    ranks=range(2, 65),
    sizes={"num_features": int},
    attributes=c.attributes("num_features", "eps", affine="affine"),
    read=read,
    write=write,
)
