"""What ONNX Runtime 1.31.1 on a CPU does not keep of ONNX' promises. Imports no framework."""

from dataclasses import replace
from datetime import date
from typing import Any

from normspec.deviation import Deviation
from normspec.dialects.onnx.common import DOCS
from normspec.records import Arrays, Case

DOUBLE, SINGLE, HALF = (("float64", "float64"),), (("float32", "float32"),), (("float16", "float16"),)


def row(reproduction: str, operator: str, **told: Any) -> Deviation:
    """Give a row of ONNX Runtime."""
    shared: dict[str, Any] = {
        "modes": ("train", "evaluate", "freeze"),
        "implementations": ("onnx:onnxruntime",),
        "versions": "1.31.1",
        "upstream": "none found",
        "source": f"{DOCS}{operator}.html",
        "reviewed": date(2026, 11, 22),
    }
    return Deviation(**{**shared, **told}, reproduction=f"docs/findings/onnx_runtime_{reproduction}.py")


def _refused(which: str, cases: str, dtypes: tuple[tuple[str, str], ...], **told: Any) -> Deviation:
    return row(
        f"local_response_norm_{which}",
        "LRN",
        id=f"onnx-runtime-local-response-norm-{which}",
        cases=cases,
        dtypes=dtypes,
        quantities={"y": 1.0, "dx": 1.0},
        **told,
    )


def _unrounded(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, rounding="last"))


ROWS = (
    _refused(
        "rank",
        "local-response-norm.*/*",
        SINGLE + HALF,
        title="ONNX Runtime's LRN takes an x of four axes alone",
        size="Fail: X_shape.NumDimensions() == 4 was false",
        clause="local-response-norm.output",
        raises="X_shape.NumDimensions() == 4 was false",
        promise="For non image case, the dimensions are in the form of (N x C x D1 x D2 ... Dn)",
    ),
    _refused(
        "even",
        "local-response-norm.*/*",
        SINGLE + HALF,
        title="ONNX Runtime's LRN refuses a window of even length",
        size="Fail: size_ % 2 == 1 was false",
        clause="local-response-norm.before",
        raises="size_ % 2 == 1 was false",
        promise="max(0, c - floor((size - 1) / 2)) <= i <= min(C - 1, c + ceil((size - 1) / 2))",
    ),
    _refused(
        "zero",
        "local-response-norm.coefficient/first-0.0/*",
        SINGLE,
        title="ONNX Runtime's LRN refuses alpha=0",
        size="Fail: alpha_ > 0.0f was false",
        clause="local-response-norm.coefficient",
        raises="alpha_ > 0.0f was false",
        promise="alpha - FLOAT (default is '0.0001'): Scaling parameter",
    ),
    row(
        "rms_norm_rounding",
        "RMSNormalization",
        id="onnx-runtime-rms-norm-rounding",
        title="What scale multiplies in ONNX Runtime's RMSNormalization of float16 is not rounded to float16 first",
        size="849 of 3200 values are the next float16",
        clause="rms-norm.rounding",
        cases="rms-norm.*/*",
        dtypes=HALF,
        quantities={"y": 1.0},
        instead=_unrounded,
        promise="if stash_type is 1, this operator casts all input variables to 32-bit float, perform the computation, and finally cast "
        "Normalized back to the original type of X",
        upstream="https://github.com/microsoft/onnxruntime/pull/24875 (open: a kernel for this operator)",
    ),
    row(
        "rms_norm_mixed",
        "RMSNormalization",
        id="onnx-runtime-rms-norm-mixed",
        title="ONNX Runtime refuses an RMSNormalization whose scale has another dtype than X",
        size="Fail: Type parameter (T) of Optype (Mul) bound to different types (tensor(float16) and tensor(float))",
        clause="rms-norm.output-dtype",
        cases="rms-norm.*/*",
        dtypes=(("float16", "float32"),),
        quantities=dict.fromkeys(("y", "dx", "dscale"), 1.0),
        raises="Type parameter (T) of Optype (Mul) bound to different types",
        promise="X (heterogeneous) - T; scale (heterogeneous) - V",
        upstream="https://github.com/microsoft/onnxruntime/pull/24875 (open: a kernel for this operator)",
    ),
    row(
        "group_norm_one_pass",
        "GroupNormalization",
        id="onnx-runtime-group-norm-one-pass",
        title="GroupNormalization takes the variance in one pass in ONNX Runtime: digits are lost with the square of mean / deviation",
        size="at mean / deviation 1e3, y errs by 0.35, at 1e4 by 760",
        clause="group-norm.accuracy",
        cases="group-norm.*/*",
        dtypes=SINGLE,
        quantities={"y": 0.5},
        within={"variance": "one_pass"},
        promise="y = scale * (x - mean) / sqrt(variance + epsilon) + bias",
        upstream="https://github.com/microsoft/onnxruntime/issues/24538 (open: there is no kernel for this operator)",
    ),
    row(
        "group_norm_one_pass",
        "GroupNormalization",
        id="onnx-runtime-group-norm-constant",
        title="So where all values of a group are equal and far from 0, its variance may be negative, and y no number",
        size="no number for the bias",
        clause="group-norm.accuracy",
        cases="group-norm.gradient.x/*-constant*/*",
        dtypes=SINGLE,
        quantities={"y": 1.0},
        within={"variance": "one_pass"},
        no_number=True,
        promise="y = scale * (x - mean) / sqrt(variance + epsilon) + bias",
        upstream="https://github.com/microsoft/onnxruntime/issues/24538 (open: there is no kernel for this operator)",
    ),
    row(
        "group_norm_empty",
        "GroupNormalization",
        id="onnx-runtime-group-norm-empty",
        title="ONNX Runtime's GroupNormalization refuses an empty batch",
        size="Fail: Non-zero status code returned while running Reshape node",
        clause="group-norm.output",
        cases="group-norm.*/*-empty/*",
        dtypes=SINGLE,
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="Non-zero status code returned while running Reshape node",
        promise="Y: The output tensor of the same shape as X",
        upstream="https://github.com/microsoft/onnxruntime/issues/24538 (open: there is no kernel for this operator)",
    ),
    row(
        "mean_variance_norm_dtype",
        "MeanVarianceNormalization",
        id="onnx-runtime-mean-variance-norm-dtype",
        title="ONNX Runtime's MeanVarianceNormalization takes float32 alone",
        size="Fail: Type parameter (T) of Optype (Add) bound to different types (tensor(double) and tensor(float))",
        clause="mean-variance-norm.output",
        cases="mean-variance-norm.*/*",
        dtypes=DOUBLE + HALF,
        quantities={"y": 1.0, "dx": 1.0},
        raises="Type parameter (T) of Optype (Add) bound to different types",
        promise="T in (tensor(bfloat16), tensor(double), tensor(float), tensor(float16))",
        upstream="https://github.com/onnx/onnx/issues/5753 (closed as stale)",
    ),
)
