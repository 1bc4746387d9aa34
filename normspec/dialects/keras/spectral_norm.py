"""Keras' spectral normalization: a wrapper, which puts what it makes of the kernel of a layer in the kernel's place. x is the kernel."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import EPSILON, OF_EVERY_LAYER, attributes
from normspec.errors import Unsupported
from normspec.layers import SpectralNorm
from normspec.records import Situation

COMMON: dict[str, Any] = {
    "channel_axes": (-1,),
    "first": "v",
    "epsilon_place": "floor",
    "evaluation": "none",
    "replaces": True,
    "warm_up": 0,
    "statistics_dtype": "input",
}
"""What Keras 3 and Keras 2 have in common."""
MODES = {
    "train": "layer(inputs, training=True)",
    "evaluate": "layer(inputs, training=False)",
    "freeze": "layer(inputs, training=False)",
    "observe": "layer(inputs, training=True), whose result is not used",
}
POSITIONAL = ("layer", "power_iterations")
DEFAULTS = {"power_iterations": 1}


def read(a: Mapping[str, Any], situation: Situation) -> SpectralNorm:
    """Give what SpectralNormalization means: "the updated value for `self.kernel`", in training alone."""
    return SpectralNorm(iterations=iterations(a, situation), epsilon=EPSILON, **COMMON)


def iterations(a: Mapping[str, Any], situation: Situation) -> int:
    """Give the number of iterations.

    Raises
    ------
    Unsupported
        Where there is none, or where the vector is to have another dtype than the kernel.
    """
    if situation.dtype != situation.parameter_dtype:
        raise Unsupported(f"vector_u has the dtype of the kernel, which is x: {situation.dtype}, and not {situation.parameter_dtype}")
    if a["power_iterations"] <= 0:
        raise Unsupported(f'"`power_iterations` should be greater than zero", got {a["power_iterations"]}')
    found: int = a["power_iterations"]
    return found


def write(s: SpectralNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of SpectralNormalization, beside the layer that it is wrapped around."""
    return {"power_iterations": s.iterations}


ENTRIES = (
    Entry(
        native="keras.layers.SpectralNormalization",
        layer="spectral_norm",
        variant="",
        versions=">=3.15",
        source="https://keras.io/api/layers/preprocessing_layers/numerical/spectral_normalization/",
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
