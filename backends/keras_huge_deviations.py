"""Where Keras' gradients of float32 x near 1e17 lose a part, for the third power of 1 / divisor underflows. Imports no framework."""

from typing import Any

from normspec.backends.huge_rows import huge
from normspec.backends.keras_common_deviations import SAME, row, words
from normspec.deviation import Deviation

ON = {"jax": ("layer_norm", "instance_norm", "group_norm", "rms_norm"), "torch": ("instance_norm", "group_norm", "rms_norm")}


def _huge(layer: str, backend: str, reproduction: str, **told: Any) -> Deviation:
    shared = huge("keras", words(layer))
    own = {"id": f"{shared['id']}-{backend}", "title": shared["title"].replace(" for a ", f" on {backend} for a ")}
    return row(reproduction, **{**shared, **own, **told}, implementations=(f"keras:{backend}",), **SAME, upstream="none found")


DEVIATIONS = (
    *(
        _huge(layer, backend, "norms_huge", size="dx is off by 0.35 to 0.57 of the largest")
        for backend, layers in ON.items()
        for layer in layers
    ),
    _huge(
        "rms_norm",
        "tensorflow",
        "rms_norm_huge",
        title="RMS norm on TensorFlow takes what is subnormal on the way to dx for 0, at a float32 x near 1e17",
        size="dx is off by 0.001 of the largest in its row",
        quantities={"dx": 2200},
    ),
)
