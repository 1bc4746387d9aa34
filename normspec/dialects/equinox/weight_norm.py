"""Weight norm of Equinox, which wraps a layer: x is the weight of the layer that is given."""

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.equinox import common as c
from normspec.layers import WeightNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> WeightNorm:
    """Give what WeightNorm means: "The norm is computed across every axis except this one", and across all without one."""
    of_one_dtype(situation)
    return WeightNorm(
        channel_axes=() if a["axis"] is None else (a["axis"],),
        epsilon=0.0,
        epsilon_place="inside",
        scale=True,
        initial_scale="norm",
        statistics_dtype="input",
    )


def write(s: WeightNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of WeightNorm: the first of the axes, counted from the front."""
    axes = s.at_rank(len(situation.shape)).channel_axes
    return {"axis": axes[0] if axes else None}


ENTRY = c.entry(
    "weight_norm",
    "WeightNorm",
    {"axis": 0},
    ("layer", "weight_name", "axis"),
    free=("layer", "weight_name"),
    attributes=None,
    names={"scale": "g"},
    lie="broadcast",
    modes=dict.fromkeys(("train", "evaluate", "freeze"), "layer(x)"),
    read=read,
    write=write,
)
