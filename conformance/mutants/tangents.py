"""Faults of derivatives along a direction of x: what counts as a constant there and moves with x."""

from collections.abc import Callable
from typing import Any

import numpy as np

from normspec.conformance.bounds.standardize import wide
from normspec.conformance.expectation import dtypes_of
from normspec.conformance.mutants.altered import right
from normspec.conformance.mutants.record import SCALED, STANDARDIZING, Make, mutant
from normspec.conformance.neighbours import derivatives
from normspec.conformance.wire import named
from normspec.load import load
from normspec.records import Array, Arrays, Case, Layer, Mode, Pullback, Situation, Step

Change = Callable[[Case, Arrays], Arrays]
"""From a case of one step and the exact derivatives, y, dx and dscale, to those that are wrong."""


class Twice:
    """The right layer with derivatives: the quad reference's, rounded once, but for what is changed."""

    def __init__(self, change: Change, spec: Any, situation: Situation) -> None:
        self.change, self.spec, self.situation = change, spec.at_rank(len(situation.shape)), situation
        self.quad = load("reference:quad")
        self.right, self.exact = right().build(spec, situation), self.quad.build(spec, situation)

    def load(self, values: Arrays) -> None:
        """Take parameters and state."""
        self.right.load(values)
        self.exact.load({name: self.quad.asarray(a, self.situation) for name, a in values.items()})

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Take a step."""
        return self.right.forward(inputs, mode)

    def read(self) -> Arrays:
        """Give parameters and state."""
        return self.right.read()

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Give the derivatives along a direction, wrong where the way goes through statistics of x."""
        x, dy_, w = (self.quad.asarray(a, self.situation) for a in (inputs["x"], dy, direction))
        exact: Any = self.exact
        found = {name if name == "y" else f"d{name}": wide(a) for name, a in exact.tangents({"x": x}, mode, dy_, w).items()}
        step = Step(mode=mode, inputs=inputs, cotangent=dy, direction=direction)
        case = Case(id="", clause="", spec=self.spec, situation=self.situation, values=self.right.read(), steps=(step,))
        if derivatives.has(case):
            found |= {name: a for name, a in self.change(case, found).items() if name in found}
        dtypes = dtypes_of(case)
        return {name.removeprefix("d"): a.astype(named(dtypes[name])) for name, a in found.items()}


def _twice(change: Change) -> Make:
    def make(spec: Any, situation: Situation) -> Layer:
        return Twice(change, spec, situation)

    return make


def _constant(*names: str, of: tuple[str, ...]) -> Make:
    def change(case: Case, _: Arrays) -> Arrays:
        found = derivatives.along(case, case.steps[0], names)
        return {name: found[name] for name in of if name in found}

    return _twice(change)


def _of_ones(case: Case, found: Arrays) -> Arrays:
    del found
    (step,) = case.steps
    ones = Step(mode=step.mode, inputs=step.inputs, cotangent=np.ones_like(step.cotangent), direction=step.direction)
    return {"dx": derivatives.along(case, ones)["dx"]}


MUTANTS = (
    mutant(
        "centre-stays",
        "in the gradient, the mean in the variance's own is a constant",
        "tangent.gradient",
        "https://github.com/tensorflow/tensorflow/pull/19609",
        make=_constant("centre", of=("dx",)),
        layers=STANDARDIZING,
    ),
    mutant(
        "divisor-stays",
        "in the gradient, 1 / divisor is a constant",
        "tangent.gradient",
        make=_constant("inverse", of=("dx", "dscale")),
    ),
    mutant(
        "normal-stays",
        "in the gradient, what is divided is a constant",
        "tangent.gradient",
        make=_constant("normal", of=("dx", "dscale")),
    ),
    mutant(
        "no-second-derivative",
        "the gradient has no gradient",
        "tangent.gradient",
        make=_twice(lambda _, found: {"dx": found["dx"] * 0}),
    ),
    mutant(
        "no-second-derivative-of-scale",
        "the gradient of scale has no gradient",
        "tangent.gradient",
        make=_twice(lambda _, found: {"dscale": found["dscale"] * 0} if "dscale" in found else {}),
        where=lambda spec, at: "scale" in spec.slots(at.shape),
        layers=SCALED,
    ),
    mutant("twice-of-ones", "differentiated twice, the cotangent of y is taken to be 1", "tangent.gradient", make=_twice(_of_ones)),
    mutant(
        "no-tangent",
        "in forward mode there is no derivative",
        "tangent.y",
        "pytorch/pytorch#187284",
        make=_twice(lambda _, found: {"y": found["y"] * 0}),
    ),
    mutant(
        "tangent-of-constants",
        "in forward mode, what is taken from x is a constant",
        "tangent.y",
        make=_constant("mean", "variance", of=("y",)),
    ),
    mutant(
        "tangent-without-mean",
        "in forward mode, the mean is a constant",
        "tangent.y",
        make=_constant("mean", of=("y",)),
        layers=STANDARDIZING,
    ),
)
"""Faults of forward mode and of gradients of gradients."""
