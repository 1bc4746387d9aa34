"""Where Keras' gradients of float32 x near 1e17 lose a part, for the third power of 1 / divisor underflows. Imports no framework."""

from normspec.backends.keras_common_deviations import SAME, SINGLE, clause, row, words
from normspec.deviation import Deviation

SHARES = {"layer_norm": 1.6e5, "instance_norm": 2.7e5, "group_norm": 2e5, "rms_norm": 7e5}
"""Of the case's own bounds, one and a half times what is seen: as much as dx itself."""
ON = {"jax": tuple(SHARES), "torch": ("instance_norm", "group_norm", "rms_norm")}


def _huge(layer: str, backend: str, share: float, title: str, size: str, reproduction: str) -> Deviation:
    return row(
        reproduction,
        id=f"keras-{layer}-huge-{backend}".replace("_", "-"),
        title=title,
        size=size,
        clause=clause(layer, "gradient.x"),
        cases=f"{clause(layer, 'gradient.x')}/*-huge/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"dx": share},
        implementations=(f"keras:{backend}",),
        **SAME,
        upstream="none found",
    )


DEVIATIONS = (
    *(
        _huge(
            layer,
            backend,
            SHARES[layer],
            f"The gradient of {words(layer)} on {backend} for a float32 x near 1e17 loses the way through the statistics",
            "dx is off by 0.35 to 0.57 of the largest",
            "norms_huge",
        )
        for backend, layers in ON.items()
        for layer in layers
    ),
    _huge(
        "rms_norm",
        "tensorflow",
        2200,
        "RMS norm on TensorFlow takes what is subnormal on the way to dx for 0, at a float32 x near 1e17",
        "dx is off by 0.001 of the largest in its row",
        "rms_norm_huge",
    ),
)
