"""MindSpore's own layers and operations, in pynative mode. Gradients are mindspore.vjp's."""

from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from importlib import import_module
from typing import Any

import numpy as np

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.dialects.entry import Entry, native
from normspec.dialects.mindspore import ENTRIES
from normspec.errors import NotFound, Unsupported
from normspec.records import Array, Arrays, Implementation, Mode, Pullback, Situation

mindspore: Any = import_module("mindspore")
"""Any, for its types are known in an environment of its own alone."""
with suppress(SystemError):  # the first of some operations ends so with NumPy 2.4, whatever it is asked; the next ones do not
    mindspore.ops.reshape(mindspore.Tensor([0.0]), (1, 1))
mindspore.runtime.launch_blocking()  # otherwise an error may be raised by what follows, once it is known

KERNELS = ("float64", "float32", "float16")
"""The dtypes for which there are kernels on a CPU, where the dialect says no less."""
TRAINS = ("train", "observe")
UNWRITTEN = "is differentiated once: the second gradient of an evaluation hangs on memory that nothing has written"
ONCE = ("bprop not defined", "is out of range of input num")
"""What MindSpore says of operations that are differentiated once."""
GRADIENT: Any = mindspore.ops.GradOperation(get_all=True, get_by_list=True, sens_param=True)
"""All cotangents of a function's inputs and of its weights."""


class Layer:
    """Drives a layer, whose arrays are attributes that the dialect names, or an operation, which has none."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        own = {"dtype": getattr(mindspore, situation.parameter_dtype)} if "dtype" in entry.free else {}
        self.layer = make(**arguments, **own)
        slots = spec.slots(situation.shape)
        self.owned = {ours: reduce(getattr, entry.names[ours].split("."), self.layer) for ours in slots}
        self.parameters = [name for name, slot in slots.items() if slot.role == "parameter"]
        self.has_modes = entry.modes["train"] != entry.modes["evaluate"]

    def load(self, values: Arrays) -> None:
        """Copy into parameters and state."""
        for name, value in values.items():
            self.owned[name].set_data(value.copy())

    def read(self) -> Arrays:
        """Give parameters and state, copied: what is moved in place is seen in its arrays."""
        return {name: value.copy() for name, value in self.owned.items()}

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback]:
        """Call the layer in training mode or not; frozen is evaluation with gradients."""
        y, back = mindspore.vjp(self._in(mode), inputs["x"], weights=self._weights() or None)

        def pullback(dy: Array) -> Arrays:
            found = back(dy)
            (dx,), own = found if self.parameters else (found, ())
            return {"x": dx, **dict(zip(self.parameters, own, strict=True))}

        return y, pullback

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the inner product of dx and the direction: by dy it gives the derivative of y, for dx is linear in dy."""
        own = [name for name in self.parameters if name == "scale"]
        if self.has_modes and mode not in TRAINS:
            return dict.fromkeys(("y", "x", *own), UNWRITTEN)
        first = mindspore.ops.GradOperation(get_all=True, sens_param=True)(self._in(mode))
        weights = mindspore.ParameterTuple([self.owned[name] for name in own])
        try:
            (dx, y), scale = GRADIENT(lambda x, dy: first(x, dy)[0], weights)(inputs["x"], dy, direction)
        except RuntimeError as reason:
            if not any(text in str(reason) for text in ONCE):
                raise
            return dict.fromkeys(("y", "x", *own), f"is differentiated once: {str(reason).strip().splitlines()[0]}")
        return {"y": y, "x": dx, **dict(zip(own, scale, strict=True))}

    def _weights(self) -> list[Array]:
        return [self.owned[name] for name in self.parameters]

    def _in(self, mode: Mode) -> Callable[[Array], Array]:
        if self.has_modes:
            self.layer.set_train(mode in TRAINS)
        return lambda x: self.layer(x)  # noqa: PLW0108 - an operation is no function to differentiate


def asnumpy(tensor: Array) -> Array:
    """Give a tensor as an array of NumPy, copied."""
    return np.array(tensor.asnumpy())


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `mindspore`, or what drives drop-ins as it drives its layers."""
    if variant:
        raise NotFound(f"mindspore has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Layer:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        narrow = [dtype for dtype in (situation.dtype, situation.parameter_dtype) if dtype not in KERNELS]
        if narrow and not instead:
            raise Unsupported(f"MindSpore has no such kernel for {narrow[0]} on a CPU")
        return Layer(maker(entry, instead), entry, arguments, spec, situation)

    def asarray(a: Array, _: Situation) -> Array:
        return mindspore.Tensor(np.array(a))

    return Implementation(name="mindspore", version=mindspore.__version__, build=build, asarray=asarray, asnumpy=asnumpy)
