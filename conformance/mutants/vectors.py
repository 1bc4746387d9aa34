"""Faults of spectral and feature normalization: vectors, iterations, moments observed."""

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered
from normspec.conformance.mutants.epsilons import of
from normspec.conformance.mutants.record import mutant
from normspec.records import Arrays, Mode


def _replaced(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if mode == "observe":
        layer.right.load({name: np.zeros_like(a) for name, a in layer.owned("state", "count").items()})
    return layer.right.forward(inputs, mode)


def _sigma_before(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if mode != "train":
        return layer.right.forward(inputs, mode)
    taken = layer.right.forward(inputs, "freeze")
    layer.right.forward(inputs, "observe")
    return taken


def _one_vector(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    before = layer.owned("state")
    taken = layer.right.forward(inputs, mode)
    stays = "v" if layer.spec.first == "v" else "u"
    if mode in ("train", "observe") and len(before) > 1:
        layer.right.load({stays: before[stays]})
    return taken


MUTANTS = (
    mutant("iterates-once", "one iteration is taken, whatever is asked", "iterations", **of(lambda *_: {"iterations": 1})),
    mutant(
        "iterates-in-evaluation",
        "evaluation iterates, and keeps nothing",
        "evaluation",
        "pytorch/pytorch#13350",
        **of(lambda *_: {"evaluation": "iterated"}),
    ),
    mutant(
        "normalizes-in-evaluation",
        "evaluation divides where it must give x",
        "evaluation",
        **of(lambda s, _: {"evaluation": "iterated"} if s.evaluation == "none" else None),
    ),
    mutant(
        "vectors-in-other-order",
        "v is taken first in place of u, or u in place of v",
        "first",
        **of(lambda s, _: {"first": "v" if s.first == "u" else "u"}),
    ),
    mutant(
        "sigma-before-iterating",
        "sigma is that of the vectors before the step",
        "update",
        make=altered(_sigma_before),
        where=lambda s, _: s.evaluation == "kept",
        layers=("spectral_norm",),
    ),
    mutant(
        "one-vector-moves",
        "one of two vectors stays",
        "update",
        make=altered(_one_vector),
        where=lambda s, _: s.evaluation == "kept",
        layers=("spectral_norm",),
    ),
    mutant(
        "observe-forgets",
        "an observation takes the place of all before it",
        "update",
        make=altered(_replaced),
        where=lambda s, _: s.observes,
        layers=("feature_norm",),
    ),
    mutant("inverse-ignored", "the layer does not invert", "invert", **of(lambda *_: {"invert": False})),
    mutant(
        "zero-variance-as-others",
        "a feature of variance 0 is divided by the divisor of all",
        "zero_variance",
        **of(lambda *_: {"zero_variance": "divisor"}),
    ),
    mutant("zero-variance-is-one", "a feature of variance 0 is divided by 1", "zero_variance", **of(lambda *_: {"zero_variance": "one"})),
)
"""Faults of what these two keep."""
