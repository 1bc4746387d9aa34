"""What the rows of ONNX' reference evaluator and of ONNX Runtime have in common: what the standard promises. Imports no framework."""

from datetime import date
from typing import Any

from normspec.deviation import Deviation
from normspec.dialects.onnx.common import DOCS

DOUBLE, SINGLE, HALF, BFLOAT16 = ((dtype, dtype) for dtype in ("float64", "float32", "float16", "bfloat16"))

LRN_RANK: dict[str, Any] = {
    "clause": "local-response-norm.output",
    "cases": "local-response-norm.*/*",
    "quantities": {"y": 1.0, "dx": 1.0},
    "promise": "For non image case, the dimensions are in the form of (N x C x D1 x D2 ... Dn)",
}
RMS_ROUNDING: dict[str, Any] = {
    "clause": "rms-norm.rounding",
    "cases": "rms-norm.*/*",
    "quantities": {"y": 1.0},
    "promise": "if stash_type is 1, this operator casts all input variables to 32-bit float, perform the computation, and finally cast "
    "Normalized back to the original type of X",
}
GROUP_NORM: dict[str, Any] = {
    "clause": "group-norm.accuracy",
    "dtypes": (SINGLE,),
    "within": {"variance": "one_pass"},
    "promise": "y = scale * (x - mean) / sqrt(variance + epsilon) + bias",
}
ONE_PASS: dict[str, Any] = {**GROUP_NORM, "cases": "group-norm.*/*", "quantities": {"y": 0.5}}
CONSTANT: dict[str, Any] = {
    **GROUP_NORM,
    "size": "no number for the bias",
    "cases": "group-norm.gradient.x/*-constant*/*",
    "quantities": {"y": 1.0},
    "no_number": True,
}
EMPTY: dict[str, Any] = {
    "clause": "group-norm.output",
    "cases": "group-norm.*/*-empty/*",
    "dtypes": (SINGLE,),
    "quantities": dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
    "promise": "Y: The output tensor of the same shape as X",
}
MEAN_VARIANCE_DTYPE: dict[str, Any] = {
    "clause": "mean-variance-norm.output",
    "cases": "mean-variance-norm.*/*",
    "quantities": {"y": 1.0, "dx": 1.0},
    "promise": "T in (tensor(bfloat16), tensor(double), tensor(float), tensor(float16))",
}


def row(engine: str, versions: str, script: str, operator: str, **told: Any) -> Deviation:
    """Give a row of an engine in a version, about an operator; none is known upstream unless it is told."""
    shared: dict[str, Any] = {
        "modes": ("train", "evaluate", "freeze"),
        "upstream": "none found",
        "source": f"{DOCS}{operator}.html",
        "reproduction": f"docs/findings/{script}.py",
    }
    return Deviation(**{**shared, **told}, implementations=(f"onnx:{engine}",), versions=versions, reviewed=date(2026, 11, 22))
