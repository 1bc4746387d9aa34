"""What Keras 3.15.1 on OpenVINO alone does not keep of its promises. Imports no framework.

A layer that is called on arrays gives a graph of constants, which OpenVINO folds when its numbers are asked for: there these happen.
"""

import numpy as np

from normspec.backends.keras_common_deviations import DOUBLE, EVERY_MODE, PARAMETERS, POLICY, SAME, SINGLE, clause, row, words
from normspec.deviation import Deviation
from normspec.records import Array, Arrays, Case

BFLOAT16 = (("bfloat16", "bfloat16"), ("bfloat16", "float32"))
DIGITS = 8
"""Binary digits of a bfloat16."""
ON_OPENVINO = {"implementations": ("keras:openvino",), "upstream": "none found"}


def _cut(case: Case, seen: Arrays) -> Arrays:
    """Give the middle of what y may be: it errs by up to a whole place towards 0, or up to half a place away from it."""
    del case
    return {name: _nearer(np.asarray(a).astype(np.float64)) for name, a in seen.items() if name.endswith(".y")}


def _nearer(y: Array) -> Array:
    _, exponent = np.frexp(y)
    return y - np.sign(y) * np.ldexp(0.25, exponent - DIGITS)


def _rounded_to_float32(case: Case, seen: Arrays) -> Arrays:
    del case
    return {name: np.asarray(a).astype(np.float64).astype(np.float32).astype(np.float64) for name, a in seen.items()}


def _cut_off(layer: str) -> Deviation:
    return row(
        "bfloat16_cut",
        id=f"keras-{layer}-bfloat16-cut-openvino".replace("_", "-"),
        title=f"A bfloat16 y of {words(layer)} on OpenVINO is cut off, and rounded only where the last digit that is kept is odd",
        size="y is off by 0.72 % of itself; a rounding is at most 0.39 %",
        clause=clause(layer, "output"),
        cases="*",
        dtypes=BFLOAT16,
        quantities={"y": 1.5},
        value=_cut,
        grave_as="less accurate",
        **SAME,
        **ON_OPENVINO,
    )


def _empty(layer: str, parameters: tuple[str, ...]) -> Deviation:
    shown = ("y", "dx", "inputs.x", "inputs.dy", *parameters, *(f"d{name}" for name in parameters))
    return row(
        "empty",
        id=f"keras-{layer}-empty-openvino".replace("_", "-"),
        title=f"{words(layer).capitalize()} of an x of no samples on OpenVINO ends the process: its memory is written over",
        size="SIGABRT: free(): invalid size",
        clause=clause(layer, "output"),
        cases=f"{clause(layer, 'output')}/*-empty/*",
        dtypes=SINGLE,
        modes=(*EVERY_MODE, "born"),
        quantities=dict.fromkeys(shown, 1.0),
        dies=True,
        **SAME,
        **ON_OPENVINO,
    )


DEVIATIONS = (
    *(_cut_off(layer) for layer in ("batch_norm", "batch_renorm", "layer_norm", "group_norm", "instance_norm", "rms_norm")),
    *(_empty(layer, PARAMETERS) for layer in ("layer_norm", "group_norm", "instance_norm")),
    _empty("rms_norm", ("scale",)),
    row(
        "spectral_norm_evaluation",
        id="keras-spectral-norm-evaluation-openvino",
        title="Spectral norm of a float64 kernel on OpenVINO rounds it to float32 where it is to leave it as it is",
        size="the kernel is off by 5.7e-08 of itself",
        clause="spectral-norm.evaluation",
        cases="*",
        dtypes=DOUBLE,
        modes=("evaluate", "freeze"),
        quantities={"y": 1.0},
        value=_rounded_to_float32,
        grave_as="less accurate",
        promise=POLICY,
        source="https://www.tensorflow.org/api_docs/python/tf/keras/DTypePolicy",
        **ON_OPENVINO,
    ),
)
