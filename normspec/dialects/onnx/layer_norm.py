"""Layer normalization of ONNX."""

from typing import Any

from normspec.dialects.entry import Name, of_one_dtype
from normspec.dialects.onnx import common as c
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> LayerNorm:
    """Give what LayerNormalization means: statistics over the trailing axes from `axis` on, along which Scale and B lie, too."""
    of_one_dtype(situation)
    over = c.trailing(a["axis"], len(situation.shape))
    return LayerNorm(
        axes=over,
        parameter_axes=over,
        epsilon=c.attribute(a["epsilon"], situation),
        scale=True,
        shift=a["B"] is not None,
        statistics_dtype=c.statistics_dtype(situation),
        output_dtype="input",
        **c.STANDARDIZED,
    )


def write(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest attributes of LayerNormalization, and whether B is given."""
    return {"B": Name("shift") if s.shift else None, "axis": c.first(s.axes, len(situation.shape)), "epsilon": s.epsilon}


DEFAULTS: dict[str, Any] = {"B": None, "axis": -1, "epsilon": 1e-5}

ENTRY = c.entry(
    "layer_norm",
    "LayerNormalization",
    17,
    ("X", "Scale", "B"),
    DEFAULTS,
    range(1, 65),
    read,
    write,
    fixed={"stash_type": c.FLOAT},
    names={"scale": "Scale", "shift": "B"},
    since=17,
)
