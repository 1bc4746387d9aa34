"""What MindSpore 2.10.0 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from normspec.backends.frozen_rows import loaded_with_the_last_state
from normspec.backends.huge_rows import huge
from normspec.deviation import Deviation
from normspec.dialects.mindspore.common import DOCS
from normspec.records import Array, Arrays, Case

HALF, SINGLE, DOUBLE = ((("float16", "float16"),), (("float32", "float32"),), (("float64", "float64"),))
EACH = ("train", "evaluate", "freeze")
STATE = ("running_mean", "running_variance")
BATCH_NORM = f"{DOCS}nn/mindspore.nn.BatchNorm2d.html"
LAYER_NORM = f"{DOCS}nn/mindspore.nn.LayerNorm.html"
L2 = f"{DOCS}ops/mindspore.ops.L2Normalize.html"
GRADIENT = {"promise": "Compute the vector-jacobian-product of the given network.", "source": f"{DOCS}mindspore/mindspore.vjp.html"}
MOVES = {"promise": r"\text{moving_mean}=\text{moving_mean*momentum}+μ_β\text{*(1-momentum)}", "source": BATCH_NORM}


def _row(script: str, **told: Any) -> Deviation:
    shared: dict[str, Any] = {"upstream": "none found", "reproduction": f"docs/findings/mindspore_{script}.py", "modes": EACH}
    return Deviation(**{**shared, **told}, versions="2.10.0", reviewed=date(2026, 11, 22))


def _not_moved(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, running=replace(case.spec.running, rate=0.0)))


def _narrow(epsilon: float) -> np.longdouble:
    """Give what is under the root as the operation keeps it, in float32."""
    return np.longdouble(np.float32(epsilon * epsilon))


def _epsilon_of_float32(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, epsilon=float(np.sqrt(_narrow(case.spec.epsilon)))))


def _norm(x: Array, axes: tuple[int, ...]) -> Array:
    largest = np.max(np.abs(x), axis=axes, keepdims=True, initial=0)
    scaled = np.divide(x, largest, out=np.zeros_like(x), where=largest > 0)
    return largest * np.sqrt((scaled * scaled).sum(axis=axes, keepdims=True))


def _through_the_floor(case: Case, _: Arrays) -> Arrays:
    """Give dx as above the floor everywhere, over the larger of norm and epsilon, of which the floor is the root."""
    floor, shown = _narrow(case.spec.epsilon), {}
    for k, step in enumerate(case.steps):
        if step.cotangent is not None and step.direction is None:
            x, dy = (a.astype(np.longdouble) for a in (step.inputs["x"], step.cotangent))
            norm = _norm(x, case.spec.axes)
            y = x / np.maximum(norm, np.sqrt(floor))
            shown[f"{k}.dx"] = (dy - y * (dy * y).sum(axis=case.spec.axes, keepdims=True)) / np.maximum(norm, floor)
    return shown


DEVIATIONS = (
    _row(
        "batch_norm_float16",
        id="mindspore-batch-norm-float16",
        title="Batch norm whose parameters are of float16 does not move the running statistics in training, whatever x is, and no error "
        "says so",
        size="0 for 0.3",
        clause="batch-norm.update",
        cases="*",
        dtypes=HALF,
        modes=("train", "observe", *EACH[1:]),
        quantities=dict.fromkeys((*STATE, "y", "dx", "dscale"), 1.0),
        instead=_not_moved,
        **MOVES,
    ),
    _row(
        "batch_norm_frozen_then_trained",
        id="mindspore-batch-norm-frozen-then-trained",
        title="Evaluate, train, then differentiate the evaluation: its gradient is that of the statistics as training left them, and no "
        "error says so",
        size="0.77 for 1",
        clause="batch-norm.pullback",
        cases="batch-norm.pullback/first-frozen-then-trained-*",
        dtypes=SINGLE,
        modes=("evaluate", "freeze"),
        quantities={"dx": 1.0, "dscale": 1.0},
        instead=loaded_with_the_last_state,
        **GRADIENT,
    ),
    _row(
        "batch_norm_one_value",
        id="mindspore-batch-norm-one-value",
        title="Batch norm of one value per channel makes the running variance no number in training",
        size="NaN for 1 and a variance of 0",
        clause="batch-norm.update",
        cases="batch-norm.running.correction/one/*",
        dtypes=SINGLE,
        modes=("train", "evaluate"),
        quantities={"running_variance": 1.0},
        no_number=True,
        **MOVES,
    ),
    _row(
        "lp_norm_gradient",
        id="mindspore-lp-norm-gradient",
        title="The gradient of L2Normalize is wrong where the floor is reached: it goes through a norm that y does not have, and is "
        "divided by the larger of that and epsilon, where y is by the root",
        size="[182, -24] for [100, 0]",
        clause="lp-norm.gradient.x",
        cases="*",
        dtypes=HALF + SINGLE + DOUBLE,
        quantities={"dx": 150.0},  # of bounds that are as narrow as what is promised is small, and this is not
        value=_through_the_floor,
        **GRADIENT,
    ),
    _row(
        "lp_norm_gradient",
        id="mindspore-lp-norm-gradient-zero",
        title="The gradient of L2Normalize where x is 0 is dy over epsilon, not over its root",
        size="10000 for 100",
        clause="lp-norm.gradient.x",
        cases="lp-norm.gradient.x/*-zero/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"dx": 1.2e11},  # at an epsilon of 1e-24, whose root the bounds are for
        value=_through_the_floor,
        **GRADIENT,
    ),
    _row(
        "lp_norm_float64",
        id="mindspore-lp-norm-float64",
        title="L2Normalize rounds epsilon to float32, in float64, too",
        size="y errs by 1.3e-08 of itself",
        clause="lp-norm.epsilon",
        cases="*",
        dtypes=DOUBLE,
        quantities={"y": 1.0},
        instead=_epsilon_of_float32,
        grave_as="less accurate",
        promise="Data type must be float16, float32 or float64.",
        source=L2,
    ),
    _row(
        "layer_norm_float64",
        id="mindspore-layer-norm-float64",
        title="Layer norm of float64 takes its statistics and gradients in float32",
        size="y errs by 1.2e-07",
        clause="layer-norm.accuracy",
        cases="*",
        dtypes=DOUBLE,
        quantities={"y": 0.15, "dx": 0.3, "dscale": 0.25, "dshift": 0.8},
        within={"statistics_dtype": "float32"},
        promise="has the same shape and data type as the `x`",
        source=LAYER_NORM,
    ),
    _row("layer_norm_huge", **huge("mindspore", "layer norm"), size="dx is off by 0.25 of the largest", **GRADIENT),
    _row(
        "layer_norm_empty",
        id="mindspore-layer-norm-empty",
        title="Layer norm refuses an empty batch, which other layers take",
        size="RuntimeError: For 'LayerNorm', the dimension of 'input_x' must be at least 1",
        clause="layer-norm.output",
        cases="layer-norm.output/*-empty/*",
        dtypes=SINGLE,
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="must be at least 1",
        promise="Applies Layer Normalization over a mini-batch of inputs.",
        source=LAYER_NORM,
    ),
    _row(
        "lp_norm_empty",
        id="mindspore-lp-norm-empty",
        title="The gradient of L2Normalize refuses an empty batch, whose y there is",
        size="RuntimeError: Resize failed for kernel",
        clause="lp-norm.gradient.x",
        cases="lp-norm.output/*-empty/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"dx": 1.0},
        raises="Resize failed",
        **GRADIENT,
    ),
)
