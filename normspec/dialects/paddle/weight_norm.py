"""Weight norm of Paddle: a hook, which makes a weight anew before each call of the layer that has it. x is that weight."""

from normspec.dialects.paddle import common as c
from normspec.layers import WeightNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> WeightNorm:
    """Give what weight_norm means: one norm along `dim`, or one of the whole weight, for which -1 stands as well as None."""
    return WeightNorm(
        channel_axes=() if a["dim"] in (None, -1) else (a["dim"],),
        epsilon=0.0,
        epsilon_place="inside",
        scale=True,
        initial_scale="norm",
        statistics_dtype="input",
    )


def write(s: WeightNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of weight_norm: the first of the axes, counted from the front."""
    axes = s.at_rank(len(situation.shape)).channel_axes
    return {"dim": axes[0] if axes else None}


ENTRIES = (
    c.entry(
        "weight_norm",
        "utils.weight_norm",
        range(1, 10),
        {"dim": 0},
        ("layer", "name", "dim"),
        free=("layer", "name"),
        names={"scale": "weight_g"},
        modes=dict.fromkeys(("train", "evaluate", "freeze"), "layer(...), which makes layer.weight"),
        read=read,
        write=write,
    ),
)
