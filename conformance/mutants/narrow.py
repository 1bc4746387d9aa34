"""Faults of narrow dtypes within: what is summed, kept or added in 16 bits."""

from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.mutants import dividing, plain
from normspec.conformance.mutants.altered import Altered, altered, another, computing_with, moving, taking
from normspec.conformance.mutants.record import DIVIDING, MASKED, SCALED, STANDARDIZING, mutant
from normspec.conformance.mutants.sums import in_half
from normspec.conformance.wire import named
from normspec.dtypes import FLOATS, of_slots
from normspec.records import Array, Arrays, Situation

HALF = ("float16", "bfloat16")


def _narrow(spec: Any, at: Situation) -> bool:
    del spec
    return at.dtype in HALF


def _mixed(spec: Any, at: Situation) -> bool:
    return at.dtype in HALF and at.parameter_dtype == "float32" and bool(spec.slots(at.shape))


def _rounded(layer: Altered, values: Arrays) -> Arrays:
    slots, narrow = layer.spec.slots(layer.situation.shape), named(layer.situation.dtype)
    return {n: a.astype(narrow) if n in slots and slots[n].role == "parameter" else a for n, a in values.items()}


def _state_in(layer: Altered) -> Arrays:
    state = layer.owned("state")
    return {n: a.astype(named(layer.situation.dtype)) if n in state else a for n, a in layer.right.read().items()}


def _state_by_way_of(layer: Altered, inputs: Arrays, before: Arrays, after: Arrays) -> Arrays:
    del inputs, before
    narrow = named(layer.situation.dtype)
    return {name: a.astype(narrow) for name, a in after.items() if name != "count"}


def _in_float16(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    mean, variance = plain.moments(x, axes)
    return mean.astype(np.float16).astype(x.dtype), variance.astype(np.float16).astype(x.dtype)


def _half_sums(spec: Any, situation: Situation) -> Any:
    total = in_half(situation.dtype)

    def moments(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
        n = x.dtype.type(np.prod([x.shape[a] for a in axes]))
        mean = total(x, axes) / n
        return mean, total((x - mean) ** 2, axes) / n

    if spec.layer in STANDARDIZING:
        return plain.with_parts(moments=moments)(spec, situation)
    return dividing.with_parts(squares=lambda x, axes: total(x * x, axes))(spec, situation)


def _affine_in_half(spec: Any, situation: Situation) -> Any:
    half = named(situation.dtype)

    def normalize(x: Array, mean: Array, inverse: Array, scale: Array, shift: Array) -> Array:
        normal = ((x - mean) * inverse).astype(half)
        return (normal * scale.astype(half)).astype(half) + shift.astype(half)

    return plain.with_parts(normalize=normalize)(spec, situation)


def _state_is_wider(spec: Any, at: Situation) -> bool:
    slots = spec.slots(at.shape)
    return at.dtype in HALF and any(slots[n].role == "state" and d != at.dtype for n, d in of_slots(spec, at).items())


def _epsilon(change: Any) -> dict[str, Any]:
    def make(spec: Any, situation: Situation) -> Any:
        return another(lambda s, _: replace(s, epsilon=change(s.epsilon, situation.dtype)))["make"](spec, situation)

    return {"make": make, "where": lambda spec, at: change(spec.epsilon, at.dtype) != spec.epsilon and at.dtype in HALF, "dtypes": HALF}


MUTANTS = (
    mutant(
        "sums-in-half",
        "sums round every partial sum to 16 bits",
        "statistics_dtype",
        "microsoft/onnxruntime#10079",
        make=_half_sums,
        where=_narrow,
        layers=(*STANDARDIZING, *DIVIDING),
        dtypes=HALF,
    ),
    mutant(
        "statistics-in-float16",
        "mean and variance are rounded to float16",
        "statistics_dtype",
        "pytorch/pytorch#141642",
        make=plain.with_parts(moments=_in_float16),
        dtypes=("float32", *HALF),
        layers=STANDARDIZING,
    ),
    mutant(
        "affine-in-half",
        "scale and shift are applied in 16 bits",
        "statistics_dtype",
        "pytorch/pytorch#66707",
        make=_affine_in_half,
        where=lambda spec, at: _narrow(spec, at) and "scale" in spec.slots(at.shape),
        layers=(*MASKED, "weight_standardization"),
        dtypes=HALF,
    ),
    mutant(
        "epsilon-in-half",
        "epsilon is rounded to 16 bits, in which it is 0",
        "epsilon",
        **_epsilon(lambda e, dtype: 0.0 if np.asarray(e).astype(named(dtype)) == 0 else e),
    ),
    mutant(
        "epsilon-of-the-dtype",
        "epsilon is the distance from 1 to the next number of x's dtype",
        "epsilon",
        "pytorch/pytorch#173039",
        **_epsilon(lambda _, dtype: 2 * FLOATS[dtype].roundoff if dtype in FLOATS else 0),
    ),
    mutant(
        "parameters-cast-to-half",
        "parameters are cast to x's 16 bits",
        "output",
        "apple/coreai-torch#54",
        make=computing_with(_rounded),
        where=_mixed,
        layers=(*SCALED, "feature_norm"),
        dtypes=HALF,
    ),
    mutant(
        "state-in-half",
        "state is kept in x's 16 bits",
        "running.state_dtype",
        make=altered(read=_state_in),
        where=_state_is_wider,
        dtypes=HALF,
    ),
    mutant(
        "state-by-way-of-half",
        "a step rounds the state to x's 16 bits",
        "update",
        "apple/coreai-torch#54",
        make=moving(_state_by_way_of),
        where=_state_is_wider,
        dtypes=HALF,
    ),
    mutant(
        "inputs-cast-to-half",
        "x is cast to float16 before the layer widens it",
        "output",
        "keras-team/keras#22586",
        make=taking(lambda _, inputs: {"x": inputs["x"].astype(np.float16).astype(inputs["x"].dtype)}),
        where=lambda _, at: at.dtype == "float32",
        dtypes=("float32",),
    ),
    mutant(
        "x-in-bfloat16",
        "x is rounded to bfloat16 before anything is computed, as a unit for matrices may do",
        "accuracy",
        make=taking(lambda _, inputs: {"x": inputs["x"].astype(named("bfloat16")).astype(inputs["x"].dtype)}),
    ),
)
"""Faults of 16 bits."""
