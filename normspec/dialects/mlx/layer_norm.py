"""Layer norm of MLX."""

from typing import Any

from normspec.dialects.mlx import common as c
from normspec.dtypes import promote
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> LayerNorm:
    """Give what LayerNorm means: statistics and parameters along the last axis; without `affine`, `bias` says nothing."""
    return LayerNorm(
        axes=(-1,),
        parameter_axes=(-1,),
        epsilon=c.epsilon(a),
        scale=a["affine"],
        shift=a["affine"] and a["bias"],
        statistics_dtype=c.statistics_dtype(promote(situation.dtype, situation.parameter_dtype)),
        output_dtype="promoted",
        one_value="shift",
        **c.STANDARDIZED,
    )


def write(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of LayerNorm."""
    return {"dims": situation.shape[-1], "eps": s.epsilon, "affine": s.scale or s.shift, "bias": s.shift or not s.scale}


def _bias(module: Any) -> dict[str, bool]:
    return {"bias": "bias" in module or "weight" not in module}


ENTRY = c.entry(
    "layer_norm",
    "LayerNorm",
    {"eps": 1e-5, "affine": True, "bias": True},
    ranks=range(1, 65),
    attributes=lambda module: {**c.attributes("dims", "eps")(module), **_bias(module)},
    read=read,
    write=write,
)
