"""Where Flax adds up the gradient of a 16-bit x of two parts that it has rounded to 16 bits first. Imports no framework.

x is widened to float32 twice, for its statistics and where their mean is taken from it, so that two cotangents of 16 bits meet. nnx
first promotes x to the dtype of its parameters: where they are float32, nothing is rounded there.
"""

from typing import Any

from normspec.backends.flax_common_deviations import HALF, STATISTICS, row
from normspec.deviation import Deviation

MIXED = (("float16", "float32"), ("bfloat16", "float32"))
PARTS = "gives a gradient that is the sum of two parts, each rounded to 16 bits before they cancel"
"""What all of them do, in words."""


def _row(layer: str, which: str, share: float, **rest: Any) -> Deviation:
    return row(
        id=f"flax-{layer}-{which}-gradients".replace("_", "-"),
        clause=f"{layer}.statistics-dtype".replace("_", "-"),
        quantities={"dx": share},
        within={"statistics_dtype": "input"},
        promise="By default, computes in float32 precision for stability in half precision training.",
        source=STATISTICS,
        **{"modes": ("train", "evaluate", "freeze"), **rest},
    )


def _rows(layer: str, half: float, mixed: float, size: str, finding: str = "half_gradients") -> tuple[Deviation, ...]:
    """Give the rows of a layer, the shares being those in 16 bits throughout, and with float32 parameters."""
    named = layer.replace("_", " ").capitalize().replace("Rms", "RMS")
    told = {"finding": finding, "size": size}
    return (
        _row(layer, "half", half, dtypes=HALF, title=f"{named} of a 16-bit x {PARTS}", **told),
        _row(
            layer,
            "mixed",
            mixed,
            dtypes=MIXED,
            title=f"{named} of a 16-bit x with float32 parameters, in linen, {PARTS}",
            implementations=("flax:linen",),
            **told,
        ),
    )


ROWS = (
    *_rows(
        "layer_norm",
        0.13,
        0.09,
        "the gradient of x errs by 40 roundings of float16 in the reproduction, where one rounding at the end errs by 1",
        "layer_norm_half_gradients",
    ),
    _row(
        "batch_norm",
        "half",
        0.08,
        dtypes=(*HALF, *MIXED),
        modes=("train",),
        title=f"Batch norm of a 16-bit x, in linen, {PARTS}",
        size="the gradient of x errs by 52 roundings of float16 in the reproduction",
        implementations=("flax:linen",),
        finding="batch_norm_half_gradients",
    ),
    *_rows("group_norm", 0.08, 0.055, "the gradient of x errs by 307 roundings of float16 in the reproduction"),
    *_rows("instance_norm", 0.11, 0.115, "the gradient of x errs by 2048 roundings of float16 in the reproduction"),
    *_rows("rms_norm", 0.14, 0.11, "the gradient of x errs by 347 roundings of float16 in the reproduction"),
)
