"""tinygrad's own layers, and its tensors' methods. Gradients are `Tensor.gradient`'s, of y before it is realized."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import ml_dtypes
import numpy as np
from tinygrad import Context, Tensor, dtypes

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.dialects.entry import Entry, native
from normspec.dialects.tinygrad import ENTRIES
from normspec.errors import NotFound
from normspec.records import Array, Arrays, Implementation, Mode, Pullback, Situation

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
METHOD = "tinygrad.Tensor."
"""What begins the native name of a method, which has no layer to be made."""


class Layer:
    """Drives a layer, whose arrays are attributes that the dialect names, or a method. What it owns is always realized."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        with Context(DEFAULT_FLOAT=situation.parameter_dtype):  # in which parameters and running statistics are born
            self.layer = partial(make, **arguments) if entry.native.startswith(METHOD) else make(**arguments)
        slots = spec.slots(situation.shape)
        self.names = {ours: entry.names[ours] for ours in slots}
        self.parameters = [name for name, slot in slots.items() if slot.role == "parameter"]
        _realized(self.read())

    def load(self, values: Arrays) -> None:
        """Copy arrays, for running statistics move in place."""
        for name, value in values.items():
            setattr(self.layer, self.names[name], value.clone().realize())

    def read(self) -> Arrays:
        """Give arrays."""
        return {ours: getattr(self.layer, theirs) for ours, theirs in self.names.items()}

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Call the layer in training mode or not; frozen is evaluation with gradients."""
        owned = self.read()
        leaves = {"x": inputs["x"], **{name: owned[name] for name in self.parameters}}
        y = self._called(inputs["x"], mode)
        graph = y.uop  # what realizing y takes from it: a gradient of what is realized is 0
        _realized({"y": y, **owned})

        def pullback(dy: Array) -> Arrays:
            found = Tensor(graph).gradient(*leaves.values(), gradient=dy)
            return _realized(dict(zip(leaves, found, strict=True)))

        return y, pullback

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the inner product of dx and the direction: by dy it gives the derivative of y, for dx is linear in dy."""
        x, owned = inputs["x"], self.read()
        leaves = {"x": x, **{name: owned[name] for name in self.parameters if name == "scale"}, "y": dy}
        (dx,) = self._called(x, mode).gradient(x, gradient=dy)
        return _realized(dict(zip(leaves, (dx * direction).sum().gradient(*leaves.values()), strict=True)))

    def _called(self, x: Array, mode: Mode) -> Array:
        with Context(TRAINING=int(mode in ("train", "observe"))):
            return self.layer(x)


def _realized(arrays: Arrays) -> Arrays:
    """Compute arrays together, as they are best computed."""
    if arrays:
        Tensor.realize(*arrays.values())
    return arrays


def asarray(a: Array, _: Situation) -> Array:
    """Give a NumPy array as a tensor, copied; bfloat16, which is not taken as such, bit by bit."""
    return Tensor(a.view(np.uint16)).bitcast(dtypes.bfloat16).realize() if a.dtype == BFLOAT16 else Tensor(a).realize()


def asnumpy(a: Array) -> Array:
    """Give a tensor as a NumPy array; bfloat16 is given in float32."""
    return a.numpy().astype(BFLOAT16) if a.dtype == dtypes.bfloat16 else a.numpy()


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `tinygrad`, or what drives drop-ins as it drives its layers."""
    if variant:
        raise NotFound(f"tinygrad has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Layer:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        return Layer(maker(entry, instead), entry, arguments, spec, situation)

    return Implementation(name="tinygrad", version=version("tinygrad"), build=build, asarray=asarray, asnumpy=asnumpy)
