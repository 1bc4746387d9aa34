"""Keras 2's spectral normalization. x is the kernel of the layer that it is wrapped around."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import attributes
from normspec.dialects.keras.spectral_norm import COMMON, DEFAULTS, MODES, POSITIONAL, iterations, write
from normspec.dialects.tensorflow.common import root
from normspec.dialects.tensorflow.lp_norm import L2_EPSILON
from normspec.dialects.tf_keras.common import OF_EVERY_LAYER
from normspec.layers import SpectralNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], situation: Situation) -> SpectralNorm:
    """Give what SpectralNormalization means: "This method will update the value of `self.kernel`", in training alone."""
    return SpectralNorm(iterations=iterations(a, situation), epsilon=root(L2_EPSILON), **COMMON)


ENTRIES = (
    Entry(
        native="tf_keras.layers.SpectralNormalization",
        layer="spectral_norm",
        variant="",
        versions=">=2.21",
        source="https://www.tensorflow.org/versions/r2.14/api_docs/python/tf/keras/layers/SpectralNormalization",
        ranks=range(1, 65),
        positional=POSITIONAL,
        defaults=DEFAULTS,
        free=("layer", *OF_EVERY_LAYER),
        names={"u": "vector_u"},
        lie="row",
        modes=MODES,
        attributes=attributes(*DEFAULTS),
        read=read,
        write=write,
    ),
)
