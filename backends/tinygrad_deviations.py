"""What tinygrad 0.14.0 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from normspec.backends.frozen_rows import loaded_with_the_last_state
from normspec.backends.huge_rows import SHARES, huge
from normspec.backends.tensorflow_moments import with_a_mean_that_stays
from normspec.deviation import Deviation
from normspec.dialects.tinygrad.common import CODE, DOCS
from normspec.layers.geometry import per_statistic
from normspec.records import Arrays, Case

SINGLE = (("float64", "float64"), ("float32", "float32"))
HALF = (("float16", "float16"), ("bfloat16", "bfloat16"))
GRADIENT = {"promise": "Computes the gradient of the targets with respect to self.", "source": f"{CODE}: gradient"}


def _row(script: str, **told: Any) -> Deviation:
    reproduction = f"docs/findings/tinygrad_{script}.py"
    shared = {"upstream": "none found", "reproduction": reproduction, "versions": "0.14.0", "reviewed": date(2026, 11, 22)}
    return Deviation(**{**shared, **told})


def _rounded_last(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, rounding="last"))


def _of_two_values(case: Case, seen: Arrays) -> Case:
    """Give the case whose refused batches have two values in each channel: around the one, and with the running variance for theirs."""
    steps = []
    for k, step in enumerate(case.steps):
        x = step.inputs["x"]
        if step.mode in case.spec.moves and per_statistic(case.spec, x.shape) == 1:
            before = seen[f"{k - 1}.running_variance"] if k else case.values["running_variance"]
            away = np.sqrt(np.asarray(before, np.float64) / 2).reshape(case.spec.geometry(x.shape).broadcast)
            x = np.concatenate([x.astype(np.float64) - away, x.astype(np.float64) + away])
            step = replace(step, inputs={"x": x}, cotangent=None)  # noqa: PLW2901 - the step as it is taken there
        steps.append(step)
    return replace(case, steps=tuple(steps))


def _empty(layer: str) -> Deviation:
    return _row(
        "group_norm_empty",
        id=f"tinygrad-{layer}-norm-empty",
        title=f"{layer.capitalize()} norm refuses an empty batch, which other layers take",
        size="ZeroDivisionError: integer division or modulo by zero",
        clause=f"{layer}-norm.output",
        cases=f"{layer}-norm.*/*-empty/*",
        dtypes=SINGLE[1:],
        modes=("train", "evaluate", "freeze"),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="integer division or modulo by zero",
        promise=f"Applies {layer.capitalize()} Normalization over a mini-batch of inputs.",
        source=f"{DOCS}{layer.capitalize()}Norm",
    )


def _no_gradient(which: str, dtypes: tuple[tuple[str, str], ...], title: str, size: str) -> Deviation:
    return _row(
        "lp_norm_zero",
        id=f"tinygrad-lp-norm-{which}",
        title=f"The gradient of Tensor.normalize is no number where {title}",
        size=size,
        clause="lp-norm.gradient.x",
        cases=f"lp-norm.gradient.x/*-{which}*/*",
        dtypes=dtypes,
        modes=("train",),
        quantities={"dx": 1.0},
        no_number=True,
        **GRADIENT,
    )


DEVIATIONS = (
    _row(
        "rms_norm_rounding",
        id="tinygrad-rms-norm-rounding",
        title="RMS norm of float16 with a float32 weight does not round before the weight: the compiler takes every cast of float32 to "
        "float16 and back for none",
        size="300000 stays 300000, which is infinite in float16",
        clause="rms-norm.rounding",
        cases="rms-norm.*/*",
        dtypes=(("float16", "float32"),),
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 1.0, "dscale": 1.0},
        instead=_rounded_last,
        promise="Casts `self` to the given `dtype`.",
        source="https://github.com/tinygrad/tinygrad/blob/v0.14.0/tinygrad/mixin/dtype.py: cast, which RMSNorm calls",
        upstream="https://github.com/tinygrad/tinygrad/issues/17208 (closed: mended after this release, "
        "https://github.com/tinygrad/tinygrad/pull/18164)",
    ),
    _row(
        "batch_norm_evaluated_then_trained",
        id="tinygrad-batch-norm-evaluated-then-trained",
        title="An evaluation that is not realized before a training step, and its gradient, are those of the running statistics as "
        "training left them, and no error says so",
        size="y is -0.24 for 1",
        clause="batch-norm.pullback",
        cases="batch-norm.pullback/first-frozen-then-trained-*",
        dtypes=SINGLE,
        modes=("evaluate", "freeze"),
        quantities={"dx": 1.0, "dscale": 1.0},
        instead=loaded_with_the_last_state,
        upstream="https://github.com/tinygrad/tinygrad/issues/17074 (open)",
        **GRADIENT,
    ),
    _row(
        "batch_norm_refused_batch_moves",
        id="tinygrad-batch-norm-refused-batch-moves",
        title="A batch of one value in each channel, which training refuses, moves the running mean all the same",
        size="running mean [0.1, 0.2] for [0, 0]",
        clause="batch-norm.refusal",
        cases="batch-norm.one-value/*",
        dtypes=SINGLE,
        modes=("train", "observe", "evaluate"),
        quantities={"running_mean": 1.0, "y": 1.0, "dscale": 1.0},
        instead=_of_two_values,
        promise="Applies Batch Normalization over a 2D or 3D input.",
        source=f"{DOCS}BatchNorm",
    ),
    _row(
        "batch_norm_twice",
        id="tinygrad-batch-norm-twice",
        title="The second derivative of batch norm is wrong: its variance takes the mean for a constant",
        size="0.039 for 0.025",
        clause="batch-norm.tangent.gradient",
        cases="*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"tangent.dx": 1.0},
        value=with_a_mean_that_stays,
        **GRADIENT,
    ),
    _no_gradient("zero", (*SINGLE, *HALF), "x is 0", "NaN for 1e12"),
    _no_gradient("tiny", SINGLE[1:], "the squares of x are 0 in its dtype", "NaN for 1e12, at 1e-30"),
    *(_row("norms_huge", **huge("tinygrad", words), size="dx is off by 0.29 to 0.57 of the largest", **GRADIENT) for words in SHARES),
    _empty("group"),
    _empty("instance"),
)
