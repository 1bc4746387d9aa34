"""Faults of state, pullback and arrays, in every layer: each fails on the law that names it."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pytest

import normspec
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.subject import Answer
from normspec.layers import SPECS
from normspec.layers.fields import moves

REFERENCE = normspec.load("reference:numpy")


@dataclass
class Layer:
    """A layer of the reference; the faults override one method of it."""

    spec: Any
    at: Any
    layer: Any

    def load(self, values):
        self.layer.load(values)

    def read(self):
        return self.layer.read()

    def forward(self, inputs, mode):
        return self.layer.forward(inputs, mode)

    def parameters(self):
        """Give the names of what is learned, or given."""
        return {name for name, slot in self.spec.slots(self.at.shape).items() if slot.role == "parameter"}


class LaterPullback(Layer):
    def forward(self, inputs, mode):
        y, found = super().forward(inputs, mode)
        self.last = found or self.last
        return y, found and (lambda dy: self.latest()(dy))  # noqa: PLW0108 - the latest when it is called

    last = None

    def latest(self):
        return self.last


class InputsDamaged(Layer):
    def forward(self, inputs, mode):
        found = super().forward({name: a.copy() for name, a in inputs.items()}, mode)
        inputs["x"][...] = 0
        return found


class GradientOfOtherDtype(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return y, pullback and (lambda dy: {n: g.astype(np.float64) for n, g in pullback(dy).items()})


class HalfTheGradient(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return y, pullback and (lambda dy: {n: (g / 2).astype(g.dtype) for n, g in pullback(dy).items()})


class ParametersMoved(Layer):
    def forward(self, inputs, mode):
        found = super().forward(inputs, mode)
        self.layer.values = {n: (v + v).astype(v.dtype) if n in self.parameters() else v for n, v in self.layer.values.items()}
        return found


class StateStays(Layer):
    def forward(self, inputs, mode):
        before = self.layer.values
        found = super().forward(inputs, mode)
        self.layer.values = before
        return found


class EvaluationMovesState(Layer):
    def forward(self, inputs, mode):
        if mode not in (*moves(self.spec), "observe"):
            self.layer.forward(inputs, "observe")
        return super().forward(inputs, mode)


class OutputOfOtherDtype(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return (y if y is None else y.astype(np.float64)), pullback


class TrainingAlone(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return (y if mode == "train" or y is None else (y * 1.5).astype(y.dtype)), pullback


FAULTS = {
    LaterPullback: "pullback",
    InputsDamaged: "inputs",
    GradientOfOtherDtype: "gradient.dtype",
    HalfTheGradient: "gradient.x",
    ParametersMoved: "parameters",
    StateStays: "update",
    EvaluationMovesState: "keep",
    TrainingAlone: "modes",
}


def of(layer, law):
    """Tell whether a layer has what a fault damages."""
    owned = any(slot.role == "parameter" for case in cases(layer=layer) for slot in case.spec.slots(case.situation.shape).values())
    return law in SPECS[layer].laws and (law != "parameters" or owned)


@pytest.mark.parametrize(("layer", "fault"), [(layer, fault) for layer in SPECS for fault, law in FAULTS.items() if of(layer, law)])
def test_a_fault_fails_on_the_law_that_names_it(layer, fault):
    by = replace(REFERENCE, build=lambda spec, at: fault(spec, at, REFERENCE.build(spec, at)), asarray=lambda a, _: np.array(a))
    law = f"{layer}.{FAULTS[fault]}".replace("_", "-")
    about = [case for case in cases(layer=layer, dtype="float32") if case.clause == law] or cases(layer=layer, dtype="float32")
    with np.errstate(all="ignore"):
        found = {
            clause
            for case in (*about, *cases(layer=layer, dtype="float32", profile="quick"))
            for check in judge(case, Answer(*answer_to(case, by)))
            if check.verdict == "fails"
            for clause in check.clauses
        }
    assert law in found


@pytest.mark.parametrize("layer", SPECS)
def test_y_of_another_dtype_fails_on_the_clause_of_the_dtype(layer):
    by = replace(REFERENCE, build=lambda spec, at: OutputOfOtherDtype(spec, at, REFERENCE.build(spec, at)))
    chosen = "output_dtype" in {f.name for f in fields(SPECS[layer])}
    law = f"{layer}.{'output_dtype' if chosen else 'output'}".replace("_", "-")
    checks = [c for case in cases(layer=layer, dtype="float32", profile="quick") for c in judge(case, Answer(*answer_to(case, by)))]
    assert {clause for c in checks if c.quantity.endswith(".y") for clause in c.clauses if c.verdict == "fails"} == {law}
