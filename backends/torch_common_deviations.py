"""What PyTorch's rows have in common: their version, the dtypes in which they hold, and the promise of float32. Imports no framework."""

from datetime import date
from typing import Any

from normspec.deviation import Deviation

SINGLE = (("float64", "float64"), ("float32", "float32"))
HALF = (("float16", "float16"), ("bfloat16", "bfloat16"))
MIXED = (("float16", "float32"), ("bfloat16", "float32"))

EAGER = ("torch", "torch:functional")
WITH_OTHERS = (*EAGER, "torch:others")
"""Of batch norm there is another module."""

IN_FLOAT32 = "computation_dtype = utils.get_computation_dtype(input.dtype)"
MAKE_DUAL = "https://docs.pytorch.org/docs/2.13/generated/torch.autograd.forward_ad.make_dual.html"
DECOMPOSITIONS = "torch/_decomp/decompositions.py"


def row(reproduction: str, **told: Any) -> Deviation:
    """Give a row of this release; `reproduction` is the name of its script, and none is known upstream unless it is told."""
    script = f"docs/findings/torch_{reproduction}.py"
    return Deviation(**{"upstream": "none found", **told}, reproduction=script, versions="2.13.0", reviewed=date(2026, 11, 20))


def strided(layer: str, which: str, title: str, reproduction: str = "batch_norm_mixed_strided", **told: Any) -> Deviation:
    """Give a row of what batch norm's other kernel does, to which x or a cotangent that is not contiguous leads."""
    name = layer.replace("_", "-")
    shared = {
        "id": f"torch-{name}-mixed-strided-{which}",
        "title": title,
        "size": "0.0020 of the largest for 0, in the gradient of bias",
        "clause": f"{name}.statistics-dtype",
        "cases": f"{name}.gradient.x/*-mixed-*-strided/*",
        "within": {"statistics_dtype": "input"},
        "promise": IN_FLOAT32,
        "source": f"{DECOMPOSITIONS}: native_batch_norm_backward",
        "implementations": WITH_OTHERS if layer == "batch_norm" else EAGER,
    }
    return row(reproduction, **{**shared, **told})
