"""Keras' layer normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import (
    BORN,
    COMMON,
    DOCS,
    OF_EVERY_LAYER,
    ONE_MODE,
    PARAMETERS,
    TRAINED,
    as_written,
    ascending,
    attributes,
    shared,
)
from normspec.layers import LayerNorm
from normspec.layers.axes import resolve
from normspec.records import Situation

DEFAULTS = {"axis": -1, "epsilon": 1e-3, "center": True, "scale": True}


def read(a: Mapping[str, Any], situation: Situation) -> LayerNorm:
    """Give what LayerNormalization means: "`gamma` and `beta` will span the axes of `inputs` specified in `axis`".

    Those are sorted as they are written, negative ones first: `self.axis = sorted(self.axis)` in `build`.
    """
    axes = ascending(a["axis"], "gamma", situation)
    return LayerNorm(
        axes=axes, parameter_axes=axes, epsilon=a["epsilon"], scale=a["scale"], shift=a["center"], statistics_dtype="widened", **COMMON
    )


def write(s: LayerNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of LayerNormalization: all axes from the front where they are mixed."""
    mixed = min(s.axes) < 0 <= max(s.axes)
    axes = resolve(s.axes, len(situation.shape), "axes") if mixed else s.axes
    return {"axis": as_written(axes), **shared(s)}


ENTRIES = (
    Entry(
        native="keras.layers.LayerNormalization",
        layer="layer_norm",
        variant="",
        versions=">=3.15",
        source=f"{DOCS}layer_normalization/",
        ranks=range(1, 65),
        positional=(*DEFAULTS, *BORN, *TRAINED),
        defaults=DEFAULTS,
        fixed={**BORN, "rms_scaling": False},
        free=(*TRAINED, *OF_EVERY_LAYER),
        names=PARAMETERS,
        modes=ONE_MODE,
        attributes=attributes(*DEFAULTS, *BORN, "rms_scaling"),
        read=read,
        write=write,
    ),
)
