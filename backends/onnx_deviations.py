"""What ONNX 1.23.2's reference evaluator and ONNX Runtime 1.31.1 on a CPU do not keep of the standard's promises. Imports no framework."""

from dataclasses import replace
from functools import partial

import numpy as np

from normspec.backends import onnx_common_deviations as common
from normspec.backends.onnx_common_deviations import BFLOAT16, DOUBLE, HALF, SINGLE
from normspec.backends.onnx_runtime_deviations import ROWS
from normspec.records import Arrays, Case

EVERY = (DOUBLE, SINGLE, HALF, BFLOAT16)
SIGNED = 300.0
"""Of the case's own bounds, what is seen and a little more: a sum of numbers of both signs may be near 0."""


row = partial(common.row, "reference", "1.23.2")


def _without_absolute_values(case: Case, _: Arrays) -> Arrays:
    shown = {}
    for k, step in enumerate(case.steps):
        x = step.inputs["x"].astype(np.float64)
        norm = x.sum(case.spec.axes, keepdims=True)
        shown[f"{k}.y"] = np.where(norm == 0, 0.0, x / np.where(norm == 0, 1.0, norm))
    return shown


def _for_as_many_channels_as_samples(case: Case, _: Arrays) -> Arrays:
    spec, shown = case.spec, {}
    for k, step in enumerate(case.steps):
        x = step.inputs["x"].astype(np.float64)
        squares = np.zeros_like(x)
        for c in range(min(x.shape[:2])):
            squares[:, c] = (x[:, max(0, c - spec.before) : c + spec.after + 1] ** 2).sum(1)
        shown[f"{k}.y"] = x / (spec.bias + spec.coefficient * squares) ** spec.exponent
    return shown


def _in_its_own_dtype(case: Case, _: Arrays) -> Case:
    """Give the case whose y has x's dtype, in which all is computed but the product with a wider scale."""
    return replace(case, spec=replace(case.spec, rounding="last", statistics_dtype="input", output_dtype="input"))


DEVIATIONS = (
    row(
        "onnx_local_response_norm_samples",
        "LRN",
        id="onnx-local-response-norm-samples",
        title="The reference evaluator's LRN goes through as many channels as x has samples: with fewer samples than channels, the others "
        "are divided by the power of bias alone, and no error says so",
        size="1 for 0.25",
        clause="local-response-norm.output",
        cases="local-response-norm.*/*",
        dtypes=EVERY,
        quantities={"y": 1.0},
        value=_for_as_many_channels_as_samples,
        promise="square_sum[n, c, d1, ..., dk] = sum(X[n, i, d1, ..., dk] ^ 2), where max(0, c - floor((size - 1) / 2)) <= i <= "
        "min(C - 1, c + ceil((size - 1) / 2))",
        upstream="https://github.com/onnx/onnx/issues/7805 (closed: mended after this release, https://github.com/onnx/onnx/pull/8331)",
    ),
    row(
        "onnx_local_response_norm_rank",
        "LRN",
        id="onnx-local-response-norm-rank",
        title="The reference evaluator's LRN takes an x of four axes alone",
        size="RuntimeError: LRN only applies on 4D tensors but shape is (2, 3, 4).",
        dtypes=EVERY,
        raises="LRN only applies on 4D tensors",
        upstream="https://github.com/onnx/onnx/pull/8331 (merged after this release)",
        **common.LRN_RANK,
    ),
    row(
        "onnx_lp_norm_sign",
        "LpNormalization",
        id="onnx-lp-norm-sign",
        title="The reference evaluator's LpNormalization with p=1 divides by the sum of x, and not of its absolute values",
        size="-0.5 for 0.25",
        clause="lp-norm.order",
        cases="lp-norm.*/*",
        dtypes=EVERY,
        of={"order": 1.0},
        quantities={"y": SIGNED},
        value=_without_absolute_values,
        promise="output = input / Lp_norm(input, axis)",
        upstream="https://github.com/onnx/onnx/pull/8427 (merged after this release)",
    ),
    row(
        "onnx_rms_norm_rounding",
        "RMSNormalization",
        id="onnx-rms-norm-rounding",
        title="The reference evaluator's RMSNormalization takes the squares of 16-bit x in 16 bits, and float16 has none of 256; nor is "
        "what scale multiplies rounded first",
        size="0 for 0.85",
        dtypes=(HALF, BFLOAT16),
        instead=_in_its_own_dtype,
        **common.RMS_ROUNDING,
    ),
    *(
        row(
            "onnx_rms_norm_mixed",
            "RMSNormalization",
            id=f"onnx-rms-norm-mixed-{dtype}",
            title=f"The reference evaluator's RMSNormalization of {dtype} x with a float32 scale gives {dtype}, and not scale's dtype",
            size=f"{dtype} for float32",
            clause="rms-norm.output-dtype",
            cases="rms-norm.*/*",
            dtypes=((dtype, "float32"),),
            quantities={"y": 1.0},
            instead=_in_its_own_dtype,
            promise="Y (heterogeneous) - V: Output data tensor. Same shape as X; scale (heterogeneous) - V",
        )
        for dtype in ("float16", "bfloat16")
    ),
    *(
        row(
            "onnx_batch_norm_state_dtype",
            "BatchNormalization",
            id=f"onnx-batch-norm-state-{dtype}",
            title=f"The reference evaluator's BatchNormalization of {dtype} x rounds float32 running statistics to {dtype}",
            size="in float16, inf for 72000.9",
            clause="batch-norm.running.state-dtype",
            cases="batch-norm.*/*",
            dtypes=((dtype, "float32"),),
            quantities={"running_mean": 1.0, "running_variance": 1.0},
            shows=dtype,
            promise="running_var (optional, heterogeneous) - T2; input_var (heterogeneous) - T2",
        )
        for dtype in ("float16", "bfloat16")
    ),
    row(
        "onnx_group_norm_one_pass",
        "GroupNormalization",
        id="onnx-group-norm-one-pass",
        title="GroupNormalization takes the variance in one pass in float32: digits are lost with the square of mean / deviation",
        size="at mean / deviation 1e3, y errs by 0.069, at 1e4 by 1.7",
        **common.ONE_PASS,
    ),
    row(
        "onnx_group_norm_one_pass",
        "GroupNormalization",
        id="onnx-group-norm-constant",
        title="The reference evaluator's GroupNormalization may take a negative variance of equal values far from 0: y is no number",
        **common.CONSTANT,
    ),
    row(
        "onnx_group_norm_empty",
        "GroupNormalization",
        id="onnx-group-norm-empty",
        title="The reference evaluator's GroupNormalization refuses an empty batch",
        size="ValueError: cannot reshape array of size 0",
        raises="cannot reshape array of size 0",
        **common.EMPTY,
    ),
    row(
        "onnx_mean_variance_norm_dtype",
        "MeanVarianceNormalization",
        id="onnx-mean-variance-norm-dtype",
        title="MeanVarianceNormalization has a body that takes float32 alone",
        size="RuntimeTypeError: Input type mismatch: float64 != float32 (operator ''Add'', shapes (1, 3, 1, 1), ()).",
        upstream="https://github.com/onnx/onnx/issues/5753 (closed as stale); https://github.com/onnx/onnx/pull/8410 (open)",
        dtypes=(DOUBLE, HALF, BFLOAT16),
        raises="Input type mismatch",
        **common.MEAN_VARIANCE_DTYPE,
    ),
    row(
        "onnx_mean_variance_norm_one_pass",
        "MeanVarianceNormalization",
        id="onnx-mean-variance-norm-one-pass",
        title="The reference evaluator's MeanVarianceNormalization takes the variance in one pass, and adds 1e-9 to the deviation",
        size="at mean / deviation 1e3, y errs by 0.15; at 1e4 it is no number",
        clause="mean-variance-norm.accuracy",
        cases="mean-variance-norm.accuracy/*",
        dtypes=(SINGLE,),
        quantities={"y": 0.5},
        within={"variance": "one_pass"},
        promise="(X-EX)/sqrt(E(X-EX)^2)",
    ),
    *ROWS,
)
