"""PyTorch's weight normalization: the parametrization. x is the weight of the module that is given."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.torch.common import PARAMETRIZATIONS
from normspec.layers import WeightNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], _: Situation) -> WeightNorm:
    """Give what weight_norm means: one norm along `dim`, or one of the whole weight, for which -1 stands as well as None."""
    return WeightNorm(
        channel_axes=() if a["dim"] in (None, -1) else (a["dim"],),
        epsilon=0.0,
        epsilon_place="inside",
        scale=True,
        initial_scale="norm",
        statistics_dtype="input",
    )


def write(s: WeightNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of weight_norm: the first of the axes, counted from the front."""
    axes = s.at_rank(len(situation.shape)).channel_axes
    return {"dim": axes[0] if axes else None}


ENTRIES = (
    Entry(
        native="torch.nn.utils.parametrizations.weight_norm",
        layer="weight_norm",
        variant="",
        versions=">=2.13",
        source=f"{PARAMETRIZATIONS}weight_norm.html",
        ranks=range(1, 65),
        positional=("module", "name", "dim"),
        defaults={"dim": 0},
        free=("module", "name"),
        names={"scale": "parametrizations.weight.original0"},
        lie="broadcast",
        modes=dict.fromkeys(("train", "evaluate", "freeze"), "module.weight"),
        read=read,
        write=write,
    ),
)
