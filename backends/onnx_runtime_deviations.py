"""What ONNX Runtime 1.31.1 on a CPU does not keep of ONNX' promises. Imports no framework."""

from dataclasses import replace
from functools import partial

from normspec.backends import onnx_common_deviations as common
from normspec.backends.onnx_common_deviations import DOUBLE, HALF, SINGLE
from normspec.records import Arrays, Case

NO_RMS_KERNEL = "https://github.com/microsoft/onnxruntime/pull/24875 (open: a kernel for this operator)"
NO_GROUP_KERNEL = "https://github.com/microsoft/onnxruntime/issues/24538 (open: there is no kernel for this operator)"

row = partial(common.row, "onnxruntime", "1.31.1")


def _unrounded(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, rounding="last"))


ROWS = (
    row(
        "onnx_runtime_local_response_norm_rank",
        "LRN",
        id="onnx-runtime-local-response-norm-rank",
        title="ONNX Runtime's LRN takes an x of four axes alone",
        size="Fail: X_shape.NumDimensions() == 4 was false",
        dtypes=(SINGLE, HALF),
        raises="X_shape.NumDimensions() == 4 was false",
        **common.LRN_RANK,
    ),
    row(
        "onnx_runtime_local_response_norm_even",
        "LRN",
        id="onnx-runtime-local-response-norm-even",
        title="ONNX Runtime's LRN refuses a window of even length",
        size="Fail: size_ % 2 == 1 was false",
        clause="local-response-norm.before",
        cases="local-response-norm.*/*",
        dtypes=(SINGLE, HALF),
        quantities={"y": 1.0, "dx": 1.0},
        raises="size_ % 2 == 1 was false",
        promise="max(0, c - floor((size - 1) / 2)) <= i <= min(C - 1, c + ceil((size - 1) / 2))",
    ),
    row(
        "onnx_runtime_local_response_norm_zero",
        "LRN",
        id="onnx-runtime-local-response-norm-zero",
        title="ONNX Runtime's LRN refuses alpha=0",
        size="Fail: alpha_ > 0.0f was false",
        clause="local-response-norm.coefficient",
        cases="local-response-norm.coefficient/first-0.0/*",
        dtypes=(SINGLE,),
        quantities={"y": 1.0, "dx": 1.0},
        raises="alpha_ > 0.0f was false",
        promise="alpha - FLOAT (default is '0.0001'): Scaling parameter",
    ),
    row(
        "onnx_runtime_rms_norm_rounding",
        "RMSNormalization",
        id="onnx-runtime-rms-norm-rounding",
        title="What scale multiplies in ONNX Runtime's RMSNormalization of float16 is not rounded to float16 first",
        size="849 of 3200 values are the next float16",
        dtypes=(HALF,),
        instead=_unrounded,
        upstream=NO_RMS_KERNEL,
        **common.RMS_ROUNDING,
    ),
    row(
        "onnx_runtime_rms_norm_mixed",
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
        upstream=NO_RMS_KERNEL,
    ),
    row(
        "onnx_runtime_group_norm_one_pass",
        "GroupNormalization",
        id="onnx-runtime-group-norm-one-pass",
        title="GroupNormalization takes the variance in one pass in ONNX Runtime: digits are lost with the square of mean / deviation",
        size="at mean / deviation 1e3, y errs by 0.35, at 1e4 by 760",
        upstream=NO_GROUP_KERNEL,
        **common.ONE_PASS,
    ),
    row(
        "onnx_runtime_group_norm_one_pass",
        "GroupNormalization",
        id="onnx-runtime-group-norm-constant",
        title="ONNX Runtime's GroupNormalization may take a negative variance of equal values far from 0: y is no number",
        upstream=NO_GROUP_KERNEL,
        **common.CONSTANT,
    ),
    row(
        "onnx_runtime_group_norm_empty",
        "GroupNormalization",
        id="onnx-runtime-group-norm-empty",
        title="ONNX Runtime's GroupNormalization refuses an empty batch",
        size="Fail: Non-zero status code returned while running Reshape node",
        raises="Non-zero status code returned while running Reshape node",
        upstream=NO_GROUP_KERNEL,
        **common.EMPTY,
    ),
    row(
        "onnx_runtime_mean_variance_norm_dtype",
        "MeanVarianceNormalization",
        id="onnx-runtime-mean-variance-norm-dtype",
        title="ONNX Runtime's MeanVarianceNormalization takes float32 alone",
        size="Fail: Type parameter (T) of Optype (Add) bound to different types (tensor(double) and tensor(float))",
        dtypes=(DOUBLE, HALF),
        raises="Type parameter (T) of Optype (Add) bound to different types",
        upstream="https://github.com/onnx/onnx/issues/5753 (closed as stale)",
        **common.MEAN_VARIANCE_DTYPE,
    ),
)
