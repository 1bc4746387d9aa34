"""Paddle's hooks, which make a weight of a layer anew before each call: x is the weight that it is made of."""

from collections.abc import Callable
from typing import Any

from normspec.backends.paddle_tensors import asarray, paddle, pullback, tangents
from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Mode, Pullback, Situation

TRAINS = ("train", "observe")


def parameter(layer: Any, value: Array) -> Array:
    """Give a new parameter of a layer."""
    made = layer.create_parameter(value.shape, dtype=value.dtype)
    made.set_value(value)
    return made


class Hooked:
    """Drives a hook of a layer that has a weight and nothing else; in each step x takes the place of what that weight is made of."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        if situation.dtype != situation.parameter_dtype:
            raise Unsupported(f"a weight and what is made of it have one dtype, not {situation.dtype} and {situation.parameter_dtype}")
        made_with = situation.weight
        weight = paddle.randn(situation.shape) if made_with is None else asarray(made_with, situation)
        self.layer = paddle.nn.Identity()
        self.layer.weight = parameter(self.layer, weight.astype(situation.dtype))
        make(self.layer, **arguments)
        self.layer.to(dtype=situation.dtype)
        slots = spec.slots(situation.shape)
        self.names = {ours: entry.names[ours] for ours in slots}
        self.shapes = {ours: slot.shape for ours, slot in slots.items()}
        self.place = "weight_v" if "scale" in slots else "weight_orig"
        self.shown = {name for name in slots if name == "scale" and made_with is not None}

    def load(self, values: Arrays) -> None:
        """Copy into parameters and buffers."""
        for name, value in values.items():
            native = getattr(self.layer, self.names[name])
            native.set_value(value.reshape(native.shape))
        self.shown |= values.keys()

    def read(self) -> Arrays:
        """Give parameters and buffers that are loaded, or made of the situation's weight, and none that are random."""
        return {name: getattr(self.layer, self.names[name]).detach().clone().reshape(self.shapes[name]) for name in self.shown}

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback]:
        """Call the layer once, in training mode or not; frozen is evaluation with gradients."""
        leaves = self._leaves(inputs)
        y = self._in(mode)(leaves["x"])
        return y.detach(), pullback(y, leaves, self.shapes)

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the weight that is made along a direction of the one that it is made of."""
        return tangents(self._in(mode), self._leaves(inputs), dy, direction, self.shapes)

    def _in(self, mode: Mode) -> Callable[[Array], Array]:
        (self.layer.train if mode in TRAINS else self.layer.eval)()

        def call(_: Array) -> Array:
            self.layer(paddle.zeros([1]))
            return self.layer.weight

        return call

    def _leaves(self, inputs: Arrays) -> dict[str, Array]:
        self.layer.add_parameter(self.place, parameter(self.layer, inputs["x"]))
        return {"x": getattr(self.layer, self.place)} | {n: getattr(self.layer, self.names[n]) for n in self.names if n == "scale"}
