"""Keras 2's feature normalization: the layer `Normalization`."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import ONE_MODE
from normspec.dialects.keras.feature_norm import DEFAULTS, NAMES, attributes, write
from normspec.dialects.keras.feature_norm import read as read_keras
from normspec.dialects.tf_keras.common import OF_EVERY_LAYER, one_dtype
from normspec.errors import Unsupported
from normspec.layers import FeatureNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], situation: Situation) -> FeatureNorm:
    """Give what Normalization means, which is the same as in Keras 3, but that its weights have the dtype of x."""
    found = read_keras(a, situation)
    if found.observes and not one_dtype(situation):
        raise Unsupported(f"mean and variance are kept in the compute dtype, {situation.dtype}, and not in {situation.parameter_dtype}")
    return found


ENTRIES = (
    Entry(
        native="tf_keras.layers.Normalization",
        layer="feature_norm",
        variant="",
        versions=">=2.21",
        source="https://www.tensorflow.org/versions/r2.14/api_docs/python/tf/keras/layers/Normalization",
        ranks=range(1, 65),
        positional=tuple(DEFAULTS),
        defaults=DEFAULTS,
        free=OF_EVERY_LAYER,
        names=NAMES,
        modes={**ONE_MODE, "observe": "layer.update_state(x); layer.finalize_state()"},
        attributes=attributes,
        read=read,
        write=write,
    ),
)
