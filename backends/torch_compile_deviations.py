"""What torch.compile does not keep of the promises of the layers that it compiles. Imports no framework."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from normspec.backends.torch_common_deviations import HALF, IN_FLOAT32, MIXED, SINGLE, row
from normspec.deviation import Deviation
from normspec.records import Arrays, Case

REPLACEMENT: dict[str, Any] = {
    "promise": "can be used as a drop-in replacement for `f`",
    "source": "https://docs.pytorch.org/docs/2.13/user_guide/torch_compiler/compile/programming_model.dynamo_core_concepts.html",
    "implementations": ("torch:compile",),
}


def _mixed(layer: str, what: str, size: str, quantities: Mapping[str, float], source: str, **rest: Any) -> Deviation:
    """Give the row of a layer whose gradients are taken from statistics rounded to 16 bits, though parameters are float32."""
    name = layer.replace(" ", "_")
    return row(
        f"compile_{name}_mixed_gradients",
        id=f"torch-compile-{name}-mixed-gradients".replace("_", "-"),
        title=f"Compiled: {layer} of 16-bit x with float32 parameters takes gradients from {what} rounded to 16 bits",
        size=size,
        clause=f"{name}.statistics-dtype".replace("_", "-"),
        cases="*",
        dtypes=MIXED,
        quantities=quantities,
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=source,
        implementations=REPLACEMENT["implementations"],
        **{"modes": ("train", "evaluate", "freeze"), **rest},
    )


def _u_made_again(case: Case, seen: Arrays) -> Arrays:
    """Give gradients with u made again of v as the step left it, but by the length that it had when it was made of v before."""
    found, v = {}, case.values["v"]
    for k, step in enumerate(case.steps):
        w, dy = (np.asarray(a, np.float64) for a in (step.inputs["x"], step.cotangent))
        u, earlier, v = (np.asarray(a, np.float64) for a in (seen[f"{k}.u"], v, seen[f"{k}.v"]))
        sigma = u @ w @ v
        found[f"{k}.dx"] = dy / sigma - np.sum(dy * w) / sigma**2 * np.outer(w @ v / np.linalg.norm(w @ earlier), v)
    return found


def _no_tangent(_: Case, seen: Arrays) -> Arrays:
    return {quantity: value * 0 for quantity, value in seen.items() if quantity.endswith(".tangent.y")}


ROWS = (
    *(
        row(
            "compile_tangent",
            id=f"torch-compile-{layer}-tangent",
            title=f"Compiled: {named} has no tangent in forward mode, and nothing says so, where no input requires a gradient",
            size="None for (0.128, -0.096)",
            clause=f"{layer}.tangent.y",
            cases="*",
            dtypes=(*SINGLE, ("float64", "float64")),
            modes=("train", "evaluate"),
            quantities={"tangent.y": 1.0},
            value=_no_tangent,
            upstream="https://github.com/pytorch/pytorch/issues/187284",
            **REPLACEMENT,
        )
        for layer, named in (("lp-norm", "Lp norm"), ("local-response-norm", "local response norm"), ("spectral-norm", "spectral norm"))
    ),
    row(
        "compile_batch_norm_frozen_then_trained",
        id="torch-compile-batch-norm-frozen-then-trained",
        title="Compiled: evaluate, train, then differentiate the evaluation, which raises an error in every dtype",
        size="RuntimeError for a gradient",
        clause="batch-norm.pullback",
        cases="batch-norm.pullback/first-frozen-then-trained-*",
        dtypes=SINGLE + HALF + MIXED,
        modes=("evaluate", "freeze"),
        quantities={"dx": 1.0, "dscale": 1.0, "dshift": 1.0},
        raises="modified by an inplace operation",
        upstream="https://github.com/pytorch/pytorch/issues/13402 (not compiled, there is no error, and the gradient is wrong)",
        **REPLACEMENT,
    ),
    _mixed(
        "batch norm",
        "mean and 1 / deviation",
        "the float32 gradient of weight errs by 660 000 roundings, by 2 otherwise",
        {"dx": 0.067, "dscale": 0.015},
        "torch/_decomp/decompositions.py: native_batch_norm_helper, native_batch_norm_backward",
        modes=("train",),
    ),
    _mixed(
        "layer norm",
        "1 / deviation",
        "the bfloat16 gradient of x errs by 46 roundings, by 2 otherwise",
        {"dx": 0.065, "dscale": 0.041},
        "torch/_refs/__init__.py: native_layer_norm; torch/_decomp/decompositions.py: native_layer_norm_backward",
        upstream="https://github.com/pytorch/pytorch/pull/183009 (closed; it would not take layer norm apart any more)",
    ),
    _mixed(
        "group norm",
        "mean and 1 / deviation",
        "the float32 gradient of weight errs by 91 000 roundings, by 3 otherwise",
        {"dx": 0.11, "dscale": 0.013},
        "torch/_refs/__init__.py: native_group_norm",
    ),
    row(
        "compile_weight_norm_half_gradients",
        id="torch-compile-weight-norm-half-gradients",
        title="Compiled: weight norm of float16 has no gradients",
        size="RuntimeError for a gradient",
        clause="weight-norm.gradient.x",
        cases="*",
        dtypes=HALF[:1],
        modes=("train", "evaluate", "freeze"),
        quantities={"dx": 1.0, "dscale": 1.0},
        raises="expected scalar type Float but found Half",
        upstream="https://github.com/pytorch/pytorch/pull/191141",
        **REPLACEMENT,
    ),
    row(
        "compile_spectral_norm_gradients",
        id="torch-compile-spectral-norm-gradients",
        title="Compiled: spectral norm of a matrix of few columns takes its gradient with u made again from the v that the step has moved",
        size="the gradient is off by 0.36 of its largest element",
        clause="spectral-norm.gradient.x",
        cases="spectral-norm.gradient.x/floored-tall-*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"dx": 1.0},
        value=_u_made_again,
        upstream="https://github.com/pytorch/pytorch/pull/197039 (open; no value is made again of what the forward pass changes)",
        **REPLACEMENT,
    ),
)
