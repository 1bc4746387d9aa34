"""The reference, broken in one place: faults of state, of pullbacks and of rare shapes, each with the clause that names it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import normspec

REFERENCE = normspec.load("reference:numpy")


@dataclass
class Layer:
    """A layer of the reference; the faults override one method of it."""

    spec: Any
    layer: Any

    def load(self, values):
        self.layer.load(values)

    def read(self):
        return self.layer.read()

    def forward(self, inputs, mode):
        return self.layer.forward(inputs, mode)


class LaterCache(Layer):
    """Every pullback gives the cotangents of the last step."""

    def forward(self, inputs, mode):
        y, self.last = super().forward(inputs, mode)
        return y, lambda dy: self.last(dy[: len(inputs["x"])])


class MovedByPullback(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)

        def moving(dy):
            self.layer.values = {n: v * 1.5 if n == "running_mean" else v for n, v in self.layer.values.items()}
            return pullback(dy)

        return y, moving


class ParametersMoved(Layer):
    def forward(self, inputs, mode):
        self.layer.values = {n: v + v if n == "shift" else v for n, v in self.layer.values.items()}
        return super().forward(inputs, mode)


class InputsDamaged(Layer):
    def forward(self, inputs, mode):
        found = super().forward({"x": inputs["x"].copy()}, mode)
        inputs["x"][...] = 0
        return found


class OneSampleEvaluates(Layer):
    def forward(self, inputs, mode):
        return super().forward(inputs, "evaluate" if len(inputs["x"]) == 1 else mode)


class ObserveForgetsCount(Layer):
    def forward(self, inputs, mode):
        count = self.read().get("count")
        found = super().forward(inputs, mode)
        if mode == "observe" and count is not None:
            self.layer.values["count"] = count
        return found


class CountsToOneHundred(Layer):
    def forward(self, inputs, mode):
        found = super().forward(inputs, mode)
        if "count" in self.layer.values:
            self.layer.values["count"] = np.minimum(self.layer.values["count"], 100)
        return found


class LoadsOnce(Layer):
    loaded = False

    def load(self, values):
        if not self.loaded:
            super().load(values)
        self.loaded = True


class ConstantHasNoGradient(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        x = inputs["x"]
        spread = [np.ptp(x, axis=tuple(b for b in range(x.ndim) if b != a), keepdims=True) for a in range(x.ndim)]
        moving = np.all(np.broadcast_arrays(*(s != 0 for s in spread)), axis=0)

        def gradient(dy):
            out = pullback(dy)
            return {**out, "x": (out["x"] * moving).astype(x.dtype)}

        return y, gradient


class LongAxesCut(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return (y * 1.5 if max(inputs["x"].shape) > 4096 else y).astype(y.dtype), pullback


class RefusedInThePullbackAlone(Layer):
    def forward(self, inputs, mode):
        try:
            return super().forward(inputs, mode)
        except normspec.Refused as error:
            reason = error
        return inputs["x"] * np.nan, lambda _: (_ for _ in ()).throw(reason)


class RefusesInTrainingAlone(Layer):
    def forward(self, inputs, mode):
        if mode != "train" and self.spec.one_value == "refuse":
            shown = replace(self.spec, one_value="shift")
            again = REFERENCE.build(shown, self.at)
            again.load(self.read())
            return again.forward(inputs, mode)
        return super().forward(inputs, mode)


class OutsideWithoutScale(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return (y * 1.5 if self.spec.epsilon_place == "outside" and not self.spec.scale else y).astype(y.dtype), pullback


class GradientOfOtherDtype(Layer):
    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return y, lambda dy: {n: g.astype(np.float64) for n, g in pullback(dy).items()}


BROKEN = {
    LaterCache: {"batch-norm.pullback", "layer-norm.pullback"},
    MovedByPullback: {"batch-norm.update", "batch-norm.keep"},
    ParametersMoved: {"batch-norm.parameters", "layer-norm.parameters"},
    InputsDamaged: {"batch-norm.inputs", "layer-norm.inputs"},
    OneSampleEvaluates: {"batch-norm.output"},
    ObserveForgetsCount: {"batch-norm.count"},
    CountsToOneHundred: {"batch-norm.count"},
    LoadsOnce: {"batch-norm.parameters", "layer-norm.parameters"},
    ConstantHasNoGradient: {"batch-norm.gradient.x", "layer-norm.gradient.x"},
    LongAxesCut: {"batch-norm.output", "layer-norm.output"},
    RefusedInThePullbackAlone: {"batch-norm.one-value", "layer-norm.one-value"},
    RefusesInTrainingAlone: {"layer-norm.one-value"},
    OutsideWithoutScale: {"batch-norm.output"},
    GradientOfOtherDtype: {"batch-norm.gradient.dtype", "layer-norm.gradient.dtype"},
}
"""Fault -> the clauses that name it."""


def implementation(fault):
    """Give the reference with this fault."""

    def build(spec, situation):
        layer = fault(spec.at_rank(len(situation.shape)), REFERENCE.build(spec, situation))
        layer.at = situation
        return layer

    return replace(REFERENCE, name=fault.__name__, build=build, asarray=lambda a, _: np.array(a))


class InPlace(Layer):
    """Honest: keeps its state in arrays of its own, which it shows as they are and moves in place."""

    def load(self, values):
        super().load({name: np.array(value) for name, value in values.items()})

    def forward(self, inputs, mode):
        own = self.layer.values
        found = super().forward(inputs, mode)
        for name, value in own.items():
            value[...] = self.layer.values[name]
        self.layer.values = own
        return found
