"""What PyTorch's instance norm does not keep of its promises: it is batch norm of one sample of all samples' channels.

Imports no framework.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from normspec.backends.torch_common_deviations import DECOMPOSITIONS, EAGER, HALF, IN_FLOAT32, MIXED, SINGLE, row, strided
from normspec.records import Arrays, Case

IMAGES = 4
"""The least rank of which PyTorch knows channels last."""


def _as_the_cotangent_lies(case: Case, _: Arrays) -> Case:
    """Give the case whose cotangents have the same numbers in memory, row after row and not channels last."""
    lain = (np.moveaxis(step.cotangent, 1, -1).reshape(step.cotangent.shape) for step in case.steps)
    return replace(case, steps=tuple(replace(step, cotangent=dy) for step, dy in zip(case.steps, lain, strict=True)))


def _of_one_sample_channels_last(case: Case) -> bool:
    shape, layout = case.situation.shape, dict(case.situation.layout)
    return shape[0] == 1 and len(shape) >= IMAGES and layout.get("dy") == "permuted"


def _not_trained(case: Case, _: Arrays) -> Case:
    return replace(case, steps=tuple(replace(step, mode="freeze") for step in case.steps))


def _of_a_bias_alone(case: Case) -> bool:
    at, spec = case.situation, case.spec
    return (at.dtype, at.parameter_dtype) in MIXED and spec.running is not None and spec.shift and not spec.scale


BIAS_ALONE: dict[str, Any] = {
    "clause": "instance-norm.output",
    "cases": "instance-norm.shift/kept-without-scale/*",
    "dtypes": MIXED,
    "modes": ("train", "evaluate", "freeze"),
    "of": {"scale": False, "shift": True},
    "promise": "torch.nn.functional.instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, "
    "use_input_stats=True, momentum=0.1, eps=1e-05)",
    "source": "https://docs.pytorch.org/docs/2.13/generated/torch.nn.functional.instance_norm.html",
    "upstream": "none found (https://github.com/pytorch/pytorch/issues/139140, of the same message, is of float64)",
    "implementations": ("torch:functional",),
}

ROWS = (
    row(
        "instance_norm_one_sample",
        id="torch-instance-norm-one-sample",
        title="Instance norm of one sample, whose cotangent lies channels last, reads that as if it lay row after row: every gradient is "
        "another one, in every dtype, and no error says so; so does batch norm where x, or the cotangent, is a view with another first "
        "stride",
        size="the gradient of the convolution before, up to 17.4, is off by 34.3",
        clause="instance-norm.gradient.x",
        cases="instance-norm.gradient.x/kept-one-dy-permuted/*",
        dtypes=SINGLE,
        modes=("train", "evaluate"),
        quantities={"dx": 1.0, "dscale": 1.0, "dshift": 1.0},
        instead=_as_the_cotangent_lies,
        apart=_of_one_sample_channels_last,
        promise="channels last memory format is an alternative way of ordering NCHW tensors in memory preserving dimensions ordering",
        source="https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html",
        implementations=EAGER,
    ),
    row(
        "instance_norm_half_statistics",
        id="torch-instance-norm-half-statistics",
        title="Instance norm of 16-bit x, where no parameter is float32, rounds mean and 1 / deviation to 16 bits before it uses them",
        size="y errs by 57 roundings of float16, where computing in float32 errs by 1",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 0.2, "dx": 0.16},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper, native_batch_norm_backward",
        upstream="https://github.com/pytorch/pytorch/issues/159309 (closed)",
    ),
    row(
        "instance_norm_half_sums",
        id="torch-instance-norm-half-sums",
        title="Instance norm with 16-bit parameters rounds every sample's share in the gradients of weight and bias to 16 bits before it "
        "adds them up; that of weight comes from rounded statistics besides",
        size="0 for 0.3",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"dscale": 0.15, "dshift": 0.23},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_backward",
    ),
    row(
        "batch_norm_bfloat16_running",
        id="torch-instance-norm-bfloat16-running",
        title="Instance norm in bfloat16 moves the running statistics in bfloat16, as batch norm does",
        size="1.7 roundings a step instead of at most 1",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF[1:],
        modes=("train", "observe"),
        quantities={"running_mean": 0.054, "running_variance": 0.11},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper",
        implementations=EAGER,
    ),
    strided(
        "instance_norm",
        "x",
        "Instance norm of one sample in 16 bits, whose cotangent is not contiguous, does with float32 parameters what batch norm does",
        dtypes=MIXED,
        modes=("train", "evaluate", "freeze"),
        quantities={"dx": 0.085},
    ),
    strided(
        "instance_norm",
        "bias",
        "Instance norm of one sample in bfloat16, with float32 parameters and no contiguous cotangent, takes that of bias in 16 bits",
        dtypes=MIXED[1:],
        modes=("train", "evaluate", "freeze"),
        quantities={"dshift": 0.2},
    ),
    row(
        "instance_norm_plain_mixed",
        id="torch-instance-norm-plain-mixed",
        title="Instance norm of 16-bit x without weight and bias computes in 16 bits, and rounds float32 running statistics to them",
        size="running mean 0.3332520 for 0.3333333, at a momentum of 0",
        clause="instance-norm.statistics-dtype",
        cases="instance-norm.*/kept-plain-*",
        dtypes=MIXED,
        modes=("train", "evaluate", "freeze", "observe"),
        of={"scale": False},
        quantities={"y": 0.3, "dx": 0.2, "running_mean": 0.25, "running_variance": 0.2},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper",
    ),
    row(
        "instance_norm_bias_alone",
        id="torch-instance-norm-bias-alone",
        title="Instance norm of 16-bit x with float32 running statistics and bias, and no weight, raises an error; batch norm takes them",
        size="RuntimeError: mixed dtype (CPU): expect parameter to have scalar type of Float",
        quantities={"y": 1.0, "dx": 1.0, "dshift": 1.0},
        raises="expect parameter to have scalar type of Float",
        **BIAS_ALONE,
    ),
    row(
        "instance_norm_bias_alone",
        id="torch-instance-norm-bias-alone-unmoved",
        title="Instance norm, where it raises so, never moves its running statistics",
        size="what was loaded, for what a step makes of it",
        grave_as="error",
        quantities={"running_mean": 1.0, "running_variance": 1.0},
        instead=_not_trained,
        apart=_of_a_bias_alone,
        **BIAS_ALONE,
    ),
    row(
        "instance_norm_half_running",
        id="torch-instance-norm-half-running",
        title="Instance norm in float16 rounds every sample's share in the running mean to 16 bits before it takes their mean",
        size="0 for 0.00024, which float16 has",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF[:1],
        modes=("train", "observe"),
        quantities={"running_mean": 0.05},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper",
        implementations=EAGER,
    ),
    row(
        "instance_norm_empty",
        id="torch-instance-norm-empty",
        title="Instance norm with a weight refuses an empty batch, and without one gives an empty y",
        size="IndexError: select(): index 0 out of range for tensor of size [0] at dimension 0",
        clause="instance-norm.output",
        cases="instance-norm.*/*-empty/*",
        dtypes=(("float32", "float32"),),
        modes=("train", "evaluate", "freeze"),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="select(): index 0 out of range",
        promise="Output: (N, C, L) or (C, L) (same shape as input)",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.InstanceNorm1d.html",
    ),
)
