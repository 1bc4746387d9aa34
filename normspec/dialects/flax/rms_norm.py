"""RMS norm of Flax. How its mean square is computed, `use_fast_variance` does not change: there is no mean to subtract."""

from typing import Any

from normspec.dialects.flax import common as c
from normspec.layers import RMSNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> RMSNorm:
    """Give what RMSNorm means: "A small float added to variance", the mean being zero, and one rounding at the end."""
    c.result_dtype(a)
    return RMSNorm(
        axes=c.axes_of(a["reduction_axes"]),
        parameter_axes=c.axes_of(a["feature_axes"]),
        fraction=1.0,
        epsilon=a["epsilon"],
        epsilon_place="inside",
        scale=a["use_scale"],
        shift=False,
        rounding="last",
        statistics_dtype=c.statistics_dtype(a),
        output_dtype="promoted",
    )


def write(s: RMSNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of linen's RMSNorm."""
    return {**c.reduced(s), "epsilon": s.epsilon, "use_scale": s.scale, **c.reductions(s)}


DEFAULTS: dict[str, Any] = {"epsilon": 1e-6, "reduction_axes": -1, "feature_axes": -1, "dtype": None, "use_scale": True}
FREE = (*c.FREE, "use_fast_variance")
BORN = {"scale_init": c.BORN["scale_init"]}
NAMES = {"scale": c.PARAMETERS["scale"]}

NNX = c.nnx(
    "rms_norm",
    "RMSNorm",
    DEFAULTS,
    fixed={**c.ALONE, **BORN, "promote_dtype": c.FUNCTIONS["promote_dtype"]},
    free=(*FREE, "rngs", "scale_metadata"),
    names=NAMES,
    read=read,
    write=c.of_nnx(write),
)
LINEN = c.linen(
    "rms_norm",
    "RMSNorm",
    {**DEFAULTS, **c.REDUCTIONS},
    positional=("epsilon", "dtype", "param_dtype", "use_scale", "scale_init", "reduction_axes", "feature_axes"),
    fixed={**c.ALONE, **BORN},
    free=(*FREE, *c.OF_LINEN),
    names=NAMES,
    read=read,
    write=write,
)
