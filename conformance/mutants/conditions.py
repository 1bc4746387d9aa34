"""Faults of a scale and a shift that are given for every sample."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, pulling, taking
from normspec.conformance.mutants.record import CONDITIONAL, mutant
from normspec.layers.fields import inputs_of
from normspec.records import Array, Arrays, Situation


def _condition(layer: Altered, inputs: Arrays) -> Arrays:
    return {name: inputs[name] for name in inputs_of(layer.spec, inputs["x"].shape)}


def _first_of_all(layer: Altered, inputs: Arrays) -> Arrays:
    return {name: np.broadcast_to(a[:1], a.shape).copy() for name, a in _condition(layer, inputs).items()}


def _turned(layer: Altered, inputs: Arrays) -> Arrays:
    return {name: a.T.copy() if a.ndim > 1 and a.shape == a.shape[::-1] else a for name, a in _condition(layer, inputs).items()}


def _summed(layer: Altered, inputs: Arrays, dy: Array, found: Any) -> Arrays:
    del dy
    names = _condition(layer, inputs)
    return {name: np.broadcast_to(found[name].astype(np.float64).sum(axis=0, keepdims=True), found[name].shape) for name in names}


def _several(spec: Any, at: Situation) -> bool:
    owned = spec.geometry(at.shape).parameters.owned
    return len(owned) > 1 and owned[0] > 1


MUTANTS = (
    mutant(
        "condition-of-the-first",
        "every sample has the scale and the shift of the first",
        "output",
        make=taking(_first_of_all),
        where=_several,
        layers=CONDITIONAL,
    ),
    mutant(
        "condition-turned",
        "scale and shift are laid along the channels and the samples, one for the other, where there are as many",
        "channel_axes",
        make=taking(_turned),
        where=lambda spec, at: _several(spec, at) and len(set(spec.geometry(at.shape).parameters.owned)) == 1,
        layers=CONDITIONAL,
    ),
    mutant(
        "condition-gradient-summed",
        "the gradients of scale and shift are summed over the samples, as those of parameters are",
        "gradient.scale",
        make=pulling(_summed),
        where=_several,
        layers=CONDITIONAL,
    ),
)
"""Faults of conditions."""
