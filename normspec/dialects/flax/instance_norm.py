"""Instance norm of Flax."""

from typing import Any

from normspec.dialects.flax import common as c
from normspec.errors import Unsupported
from normspec.layers import InstanceNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> InstanceNorm:
    """Give what InstanceNorm means: "All other axes except the batch axes (which is assumed to be the leading axis) will be reduced"."""
    channels = c.axes_of(a["feature_axes"])
    if {0, -len(situation.shape)} & set(channels):
        raise Unsupported(f"feature_axes must not have the leading axis of x, which is the batch's and Flax refuses, got {channels}")
    return InstanceNorm(
        batch_axes=(0,),
        channel_axes=channels,
        epsilon=a["epsilon"],
        running=None,
        scale=a["use_scale"],
        shift=a["use_bias"],
        **c.precision(a),
        **c.STANDARDIZED,
    )


def write(s: InstanceNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of linen's InstanceNorm."""
    return {"feature_axes": c.one_or_more(s.channel_axes), **c.affine(s)}


RANKS = range(2, 65)
"""An x of rank 1 has its batch alone, and no axis of channels."""
DEFAULTS: dict[str, Any] = {"epsilon": 1e-6, "feature_axes": -1, **c.AFFINE}

NNX = c.nnx("instance_norm", "InstanceNorm", DEFAULTS, ranks=RANKS, read=read, write=c.of_nnx(write))
LINEN = c.linen(
    "instance_norm",
    "InstanceNorm",
    {**DEFAULTS, **c.REDUCTIONS},
    ranks=RANKS,
    positional=("epsilon", "dtype", "param_dtype", "use_bias", "use_scale", "bias_init", "scale_init", "feature_axes"),
    read=read,
    write=write,
)
