"""Keras' unit normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import DOCS, OF_EVERY_LAYER, ONE_MODE, as_tuple, as_written, attributes
from normspec.layers import LpNorm
from normspec.records import Situation

FLOOR = 1e-12


def read(a: Mapping[str, Any], _: Situation) -> LpNorm:
    """Give what UnitNormalization means: "each input in the batch has a L2 norm equal to 1 (across the axes specified in `axis`)"."""
    return LpNorm(axes=as_tuple(a["axis"]), order=2.0, epsilon=FLOOR, epsilon_place="floor", at_zero="zero", statistics_dtype="input")


def write(s: LpNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of UnitNormalization."""
    return {"axis": as_written(s.axes)}


ENTRIES = (
    Entry(
        native="keras.layers.UnitNormalization",
        layer="lp_norm",
        variant="",
        versions=">=3.15",
        source=f"{DOCS}unit_normalization/",
        ranks=range(1, 65),
        positional=("axis",),
        defaults={"axis": -1},
        free=OF_EVERY_LAYER,
        names={},
        modes=ONE_MODE,
        attributes=attributes("axis"),
        read=read,
        write=write,
    ),
)
