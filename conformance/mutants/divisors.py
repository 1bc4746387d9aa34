"""Faults of the divisor itself: its estimator, its inverse, its centre."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from normspec.conformance.mutants import dividing, plain
from normspec.conformance.mutants.altered import another, giving
from normspec.conformance.mutants.record import STANDARDIZING, mutant
from normspec.records import Array


def of(change: Any) -> dict[str, Any]:
    """Give `make` and `where` of a fault that is another value of some fields: `change` gives them from a spec that has them, or None."""

    def meaning(spec: Any, shape: tuple[int, ...]) -> Any:
        try:
            changed = change(spec, shape)
        except AttributeError:  # a field that this layer lacks
            return None
        known = {f.name for f in fields(spec)}
        return replace(spec, **changed) if changed and changed.keys() <= known else None

    return another(meaning)


def _multiplied(variance: Array, spec: Any, _: int) -> Array:
    return np.sqrt(variance + spec.epsilon)


def _greater(variance: Array, spec: Any, _: int) -> Array:
    return 1 / np.sqrt(np.maximum(variance, variance.dtype.type(spec.epsilon)))


def _centred(x: Array, axes: tuple[int, ...]) -> Array:
    return dividing.squares(x - x.mean(axis=axes, keepdims=True), axes)


def _not_centred(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return np.zeros_like(x.mean(axis=axes, keepdims=True)), (x * x).mean(axis=axes, keepdims=True)


def _uncentred_variance(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return x.mean(axis=axes, keepdims=True), (x * x).mean(axis=axes, keepdims=True)


MUTANTS = (
    mutant(
        "outside-without-scale",
        "the path of one epsilon's place without a scale is wrong",
        "output",
        make=giving(lambda _, __, y: y.astype(np.float64) * 1.5),
        where=lambda spec, _: spec.epsilon_place == "outside" and not spec.scale,
        layers=("batch_norm", "layer_norm", "instance_norm", "group_norm", "rms_norm", "weight_standardization"),
    ),
    mutant(
        "variance-floored",
        "epsilon is a floor of the variance",
        "epsilon_place",
        "tensorflow/tensorflow#56796",
        make=plain.with_parts(inverse_deviation=_greater),
        where=lambda spec, _: spec.epsilon_place == "inside" and spec.epsilon > 0,
        layers=STANDARDIZING,
    ),
    mutant(
        "sample-variance",
        "the sample's variance normalizes",
        "correction",
        "harvardnlp/annotated-transformer#119",
        **of(lambda s, _: {"correction": 1} if s.correction == 0 else None),
    ),
    mutant(
        "population-variance",
        "the population's variance normalizes and must be the sample's",
        "correction",
        **of(lambda s, _: {"correction": 0} if s.correction else None),
    ),
    mutant(
        "inverted",
        "x is multiplied by the deviation",
        "output",
        "huggingface/blog#2484",
        make=plain.with_parts(inverse_deviation=_multiplied),
        layers=STANDARDIZING,
    ),
    mutant(
        "rms-centred",
        "the mean square is the variance",
        "output",
        "keras-team/keras#21234",
        make=dividing.with_parts(squares=_centred),
        layers=("rms_norm",),
    ),
    mutant("not-centred", "the mean is not taken out", "output", make=plain.with_parts(moments=_not_centred), layers=STANDARDIZING),
    mutant(
        "variance-not-centred",
        "the variance is the mean square",
        "output",
        make=plain.with_parts(moments=_uncentred_variance),
        layers=STANDARDIZING,
    ),
)
"""Faults of what divides."""
