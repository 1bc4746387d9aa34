"""Keras 2's layer normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import BORN, COMMON, ONE_MODE, PARAMETERS, TRAINED, as_tuple, attributes, shared
from normspec.dialects.keras.layer_norm import DEFAULTS
from normspec.dialects.tf_keras.common import DOCS, OF_EVERY_LAYER, as_list
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], situation: Situation) -> LayerNorm:
    """Give what LayerNormalization means here: the same at every rank, fused or not."""
    axes = as_tuple(a["axis"])
    return LayerNorm(
        axes=axes,
        parameter_axes=axes,
        epsilon=a["epsilon"],
        scale=a["scale"],
        shift=a["center"],
        statistics_dtype="widened" if situation.parameter_dtype == "float32" else "input",
        **COMMON,
    )


def write(s: LayerNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of LayerNormalization."""
    return {"axis": as_list(s.axes), **shared(s)}


ENTRIES = (
    Entry(
        native="tf_keras.layers.LayerNormalization",
        layer="layer_norm",
        variant="",
        versions=">=2.21",
        source=f"{DOCS}layer_normalization/",
        ranks=range(1, 65),
        positional=(*DEFAULTS, *BORN, *TRAINED),
        defaults=DEFAULTS,
        fixed=BORN,
        free=(*TRAINED, *OF_EVERY_LAYER),
        names=PARAMETERS,
        modes=ONE_MODE,
        attributes=attributes(*DEFAULTS, *BORN),
        read=read,
        write=write,
    ),
)
