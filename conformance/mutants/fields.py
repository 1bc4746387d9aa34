"""Faults of semantic parameters: scale, shift, windows, orders, iterations, first values: each read as another."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, computing_with, giving
from normspec.conformance.mutants.epsilons import of
from normspec.conformance.mutants.record import mutant
from normspec.records import Array, Arrays, Mode


def _without_scale(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if not layer.spec.scale:
        raise TypeError("scale must be an array, got None")
    return layer.right.forward(inputs, mode)


def _shift_first(layer: Altered, inputs: Arrays, y: Array) -> Array:
    del inputs
    at, owned = layer.spec.geometry(y.shape), layer.right.read()
    scale, shift = (owned[n].astype(np.float64).reshape(at.broadcast) for n in ("scale", "shift"))
    return (y.astype(np.float64).reshape(at.view) - shift + scale * shift).reshape(y.shape)


def _both(spec: Any, at: Any) -> bool:
    return bool({"scale", "shift"} <= spec.slots(at.shape).keys())


def _one_more(_: Altered, values: Arrays) -> Arrays:
    return {n: a + a.dtype.type(1) if n == "scale" else a for n, a in values.items()}


def _ones(_: Altered, values: Arrays) -> Arrays:
    return {n: np.ones_like(a) if n == "scale" else a for n, a in values.items()}


def _no_shift(_: Altered, values: Arrays) -> Arrays:
    return {n: np.zeros_like(a) if n == "shift" else a for n, a in values.items()}


def _born_one(layer: Altered) -> Arrays:
    return {n: np.ones_like(a) if n == "scale" and not layer.memory else a for n, a in layer.right.read().items()}


def _noting(layer: Altered, values: Arrays) -> None:
    layer.memory["loaded"] = True
    layer.right.load(values)


def _scaled(spec: Any, at: Any) -> bool:
    return "scale" in spec.slots(at.shape)


MUTANTS = (
    mutant(
        "one-plus-scale",
        "scale is taken for what is added to 1",
        "scale",
        "utensils/mold#1078",
        make=computing_with(_one_more),
        where=_scaled,
    ),
    mutant("scale-fixed", "scale is there, and 1 is used", "scale", "apache/mxnet#9624", make=computing_with(_ones), where=_scaled),
    mutant(
        "needs-scale",
        "a layer without scale raises",
        "scale",
        "huggingface/diffusers#14380",
        make=altered(_without_scale),
        where=lambda s, _: not s.scale,
    ),
    mutant("shift-before-scale", "shift is added first", "shift", "tensorpack/tensorpack#1065", make=giving(_shift_first), where=_both),
    mutant(
        "shift-needs-scale",
        "shift is left out where there is no scale",
        "shift",
        make=computing_with(_no_shift),
        where=lambda s, _: s.shift and not s.scale,
    ),
    mutant("order-ignored", "the norm is Euclidean, whatever the order", "order", **of(lambda *_: {"order": 2.0})),
    mutant(
        "initial-scale-one",
        "scale is born 1, whatever it must be",
        "initial_scale",
        make=altered(load=_noting, read=_born_one),
        where=lambda s, _: s.initial_scale != "one",
    ),
    mutant("fraction-ignored", "all values are in the mean square", "fraction", **of(lambda *_: {"fraction": 1.0})),
    mutant("divides-always", "deviations are divided where they must not be", "divide", **of(lambda *_: {"divide": True})),
)
"""Faults of what a spec says."""
