"""What Paddle's batch norm does not keep of its promises. Imports no framework."""

from dataclasses import replace
from math import prod

import numpy as np

from normspec.backends.frozen_rows import loaded_with_the_last_state
from normspec.backends.paddle_common_deviations import DOUBLE, GRAD, row
from normspec.dialects.paddle.common import DOCS
from normspec.records import Arrays, Case, Step

FORMULAS = f"{DOCS}paddle/nn/BatchNorm1D_en.html"


def _is_of_one(case: Case, step: Step) -> bool:
    """Tell whether a step would take statistics of one value per channel."""
    (axis,) = case.spec.channel_axes
    x = step.inputs["x"]
    return step.mode == "train" and prod(x.shape) == x.shape[axis]


def _what_it_is_given(case: Case, _: Arrays) -> Arrays:
    """Give x as y and dy as dx, and no gradient of shift."""
    shown: dict[str, np.ndarray] = {}
    for k, step in enumerate(case.steps):
        if _is_of_one(case, step):
            shown |= {f"{k}.y": step.inputs["x"], f"{k}.dx": step.cotangent, f"{k}.dshift": np.zeros_like(case.values["shift"])}
    return {name: a.astype(np.float64) for name, a in shown.items()}


def _not_moved(case: Case, _: Arrays) -> Case:
    """Give the case in which a step of one value per channel moves no state."""
    return replace(case, steps=tuple(replace(step, mode="evaluate") if _is_of_one(case, step) else step for step in case.steps))


def _with_numbers_of_float32(case: Case, _: Arrays) -> Case:
    """Give the case whose epsilon and weight of the old value are the nearest of float32."""
    running = replace(case.spec.running, rate=1.0 - float(np.float32(1.0 - case.spec.running.rate)))
    return replace(case, spec=replace(case.spec, epsilon=float(np.float32(case.spec.epsilon)), running=running))


def _with_one_value(case: Case) -> bool:
    return any(_is_of_one(case, step) for step in case.steps)


STATE = ("running_mean", "running_variance")
ROWS = (
    row(
        "batch_norm_one_value",
        id="paddle-batch-norm-one-value",
        title="Batch norm of one value per channel gives x itself in training, neither scaled nor shifted, and shift no gradient",
        size="3 for 0.5",
        clause="batch-norm.one-value",
        cases="batch-norm.one-value/*",
        modes=("train",),
        quantities={"y": 1.0, "dx": 1.0, "dshift": 1.0},
        value=_what_it_is_given,
        apart=_with_one_value,
        promise=r"y_i &\gets \gamma \hat{x_i} + \beta",
        source=FORMULAS,
        upstream="https://github.com/PaddlePaddle/Paddle/issues/11445 (made so)",
    ),
    row(
        "batch_norm_one_value",
        id="paddle-batch-norm-one-value-unmoved",
        title="Batch norm of one value per channel does not move the running statistics in training",
        size="0 for 0.3",
        clause="batch-norm.update",
        cases="batch-norm.one-value/*",
        modes=("train", "evaluate"),
        quantities=dict.fromkeys((*STATE, "y", "dx", "dscale"), 1.0),
        instead=_not_moved,
        apart=_with_one_value,
        promise=r"moving\_mean = moving\_mean * momentum + \mu_{\beta} * (1. - momentum)",
        source=FORMULAS,
        upstream="https://github.com/PaddlePaddle/Paddle/issues/11445 (made so)",
    ),
    row(
        "batch_norm_frozen_then_trained",
        id="paddle-batch-norm-frozen-then-trained",
        title="Evaluate, train, then differentiate the evaluation: its gradient is that of the statistics as training left them, and no "
        "error says so",
        size="0.77 for 1",
        clause="batch-norm.pullback",
        cases="batch-norm.pullback/last-frozen-then-trained-*",
        modes=("evaluate", "freeze"),
        quantities={"dx": 1.0, "dscale": 1.0},
        instead=loaded_with_the_last_state,
        **GRAD,
    ),
    row(
        "batch_norm_float64",
        id="paddle-batch-norm-float64",
        title="Batch norm rounds epsilon and momentum to float32, in float64, too, as other layers do epsilon",
        size="the running mean errs by 2.4e-07 of itself after a step at a momentum of 0.9",
        clause="batch-norm.epsilon",
        cases="*",
        dtypes=DOUBLE,
        quantities=dict.fromkeys((*STATE, "y", "dx", "dscale"), 1.0),
        instead=_with_numbers_of_float32,
        grave_as="less accurate",
        promise="input value. It's data type should be float32, float64.",
        source=f"{DOCS}paddle/nn/functional/batch_norm_en.html",
    ),
)
