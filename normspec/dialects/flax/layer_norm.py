"""Layer norm of Flax."""

from typing import Any

from normspec.dialects.flax import common as c
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> LayerNorm:
    """Give what LayerNorm means: `reduction_axes` and `feature_axes` are independent of each other."""
    return LayerNorm(
        axes=c.axes_of(a["reduction_axes"]),
        parameter_axes=c.axes_of(a["feature_axes"]),
        epsilon=a["epsilon"],
        scale=a["use_scale"],
        shift=a["use_bias"],
        **c.precision(a),
        **c.STANDARDIZED,
    )


def write(s: LayerNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of linen's LayerNorm."""
    return {**c.reduced(s), **c.affine(s)}


DEFAULTS: dict[str, Any] = {"epsilon": 1e-6, "reduction_axes": -1, "feature_axes": -1, **c.AFFINE}

NNX = c.nnx("layer_norm", "LayerNorm", DEFAULTS, read=read, write=c.of_nnx(write))
LINEN = c.linen(
    "layer_norm",
    "LayerNorm",
    {**DEFAULTS, **c.REDUCTIONS},
    positional=("epsilon", "dtype", "param_dtype", "use_bias", "use_scale"),
    read=read,
    write=write,
)
