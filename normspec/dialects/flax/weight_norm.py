"""Weight norm of Flax, which wraps a layer: each of its weights that `variable_filter` lets through is an x of its own.

The page of nnx calls `feature_axes` "The axes to normalize"; its example, whose columns have norm 1, says what that of linen says.
"""

from typing import Any

from normspec.dialects.flax import common as c
from normspec.layers import WeightNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> WeightNorm:
    """Give what WeightNorm means: the norm is "calculated by reducing ... over the remaining (non-feature) axes", all without any."""
    c.result_dtype(a)
    if a["use_scale"]:
        c.of_the_weight(situation)
    return WeightNorm(
        channel_axes=() if a["feature_axes"] is None else c.axes_of(a["feature_axes"]),
        epsilon=a["epsilon"],
        epsilon_place="inside",
        scale=a["use_scale"],
        initial_scale="one",
        statistics_dtype="input",
    )


def write(s: WeightNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of WeightNorm."""
    features = c.one_or_more(s.channel_axes) if s.channel_axes else None
    return {"feature_axes": features, "epsilon": s.epsilon, "use_scale": s.scale}


DEFAULTS: dict[str, Any] = {"epsilon": 1e-12, "dtype": None, "use_scale": True, "feature_axes": -1}
FREE = (*c.FREE, "variable_filter")
BORN = {"scale_init": c.BORN["scale_init"]}

NNX = c.nnx(
    "weight_norm",
    "WeightNorm",
    DEFAULTS,
    versions=">=0.12.1",
    positional=("layer_instance",),
    fixed={**BORN, "promote_dtype": c.FUNCTIONS["promote_dtype"]},
    free=(*FREE, "rngs"),
    sizes={},
    names={"scale": "scales/kernel"},
    lie="along",
    attributes=c.attributes(*DEFAULTS),
    read=read,
    write=c.of_wrapper(write, "rngs"),
)
LINEN = c.linen(
    "weight_norm",
    "WeightNorm",
    DEFAULTS,
    positional=("layer_instance", "epsilon", "dtype", "param_dtype", "use_scale", "scale_init", "feature_axes", "variable_filter"),
    fixed=BORN,
    free=(*FREE, *c.OF_LINEN),
    names={"scale": "kernel/scale"},
    attributes=c.attributes(*DEFAULTS),
    read=read,
    write=c.of_wrapper(write),
)
