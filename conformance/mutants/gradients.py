"""Faults of a gradient's formula: scale, dy, or a whole way left out."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, pulling, right, told_dy
from normspec.conformance.mutants.record import CONDITIONAL, SCALED, mutant
from normspec.layers.fields import arrays_of
from normspec.records import Array, Arrays, Mode, Situation


def _scale_left_out(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)
    made = right().build(layer.spec, layer.situation)
    ones = np.ones_like({**layer.read(), **inputs}["scale"])
    made.load({**layer.read(), "scale": ones})
    given = {"scale": ones} if "scale" in inputs else {}
    _, other = made.forward({**inputs, **given}, "freeze" if _kept(layer, mode) else "train")

    def pull(dy: Array) -> Arrays:
        assert pullback is not None, "only called where there is one"
        assert other is not None, "a step of the same kind"
        return {**pullback(dy), "x": other(dy)["x"]}

    return y, None if pullback is None else pull


def _kept(layer: Altered, mode: Mode) -> bool:
    return getattr(layer.spec, "running", None) is not None and mode != "train"


def _scaled(spec: Any, situation: Situation) -> bool:
    return "scale" in arrays_of(spec, situation.shape) and getattr(spec, "train_with", "batch") == "batch"


def _times_scale(layer: Altered, inputs: Arrays, dy: Array, found: Any) -> Any:
    del dy
    return {"shift": found["shift"].astype(np.float64) * {**layer.read(), **inputs}["scale"].astype(np.float64)}


def _flat_stays(_: Altered, inputs: Arrays, dy: Array, found: Any) -> Any:
    del dy
    x = inputs["x"]
    spread = [np.ptp(x, axis=tuple(b for b in range(x.ndim) if b != a), keepdims=True) for a in range(x.ndim)]
    return {"x": found["x"] * np.all(np.broadcast_arrays(*(s != 0 for s in spread)), axis=0)}


MUTANTS = (
    mutant(
        "scale-left-out",
        "the gradient's formula lacks scale",
        "gradient.x",
        "pytorch/pytorch#41595",
        make=altered(_scale_left_out),
        where=_scaled,
        layers=(*SCALED, *CONDITIONAL),
    ),
    mutant(
        "scale-left-out-of-mixed",
        "the gradient lacks scale where x has another dtype than the parameters",
        "gradient.x",
        "pytorch/pytorch#156513",
        make=altered(_scale_left_out),
        where=lambda spec, at: _scaled(spec, at) and at.dtype != at.parameter_dtype,
        layers=(*SCALED, *CONDITIONAL),
        dtypes=("float16", "bfloat16"),
    ),
    mutant(
        "ones-for-dy",
        "the cotangent is taken to be 1, as that of a sum",
        "gradient.x",
        "pytorch/pytorch#63541",
        make=told_dy(lambda _, __, dy: np.ones_like(dy)),
    ),
    mutant(
        "dscale-of-ones",
        "the gradient of scale is taken of a sum",
        "gradient.scale",
        make=told_dy(lambda _, __, dy: np.ones_like(dy), "scale"),
        where=_scaled,
    ),
    mutant(
        "dshift-times-scale",
        "the gradient of shift is multiplied by scale",
        "gradient.shift",
        make=pulling(_times_scale),
        where=lambda spec, at: {"scale", "shift"} <= arrays_of(spec, at.shape).keys(),
    ),
    mutant(
        "gradient-halved",
        "every cotangent is half of what it must be",
        "gradient.x",
        make=pulling(lambda _, __, ___, found: {name: g / 2 for name, g in found.items()}),
    ),
    mutant("flat-stays", "a constant slice has no gradient", "gradient.x", make=pulling(_flat_stays)),
)
"""Faults of formulas."""
