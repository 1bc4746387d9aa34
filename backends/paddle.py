"""Paddle's own layers, functions and hooks. Gradients are paddle.grad's."""

from collections.abc import Callable
from functools import partial
from typing import Any

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.paddle_hooked import Hooked
from normspec.backends.paddle_tensors import asarray, asnumpy, paddle, pullback, tangents
from normspec.dialects.entry import Entry, native
from normspec.dialects.paddle import ENTRIES
from normspec.errors import NotFound, Unsupported
from normspec.records import Array, Arrays, Implementation, Layer, Mode, Pullback, Situation

KERNELS = ("float64", "float32")
"""The dtypes for which there are kernels on a CPU."""
PARAMETERS = ("scale", "shift")
TRAINS = ("train", "observe")


class Module:
    """Drives a layer whose parameters and state the dialect names; what is born random is shown once it is loaded."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        self.layer = make(**arguments).to(dtype=situation.parameter_dtype)
        self.slots = spec.slots(situation.shape)
        self.owned = {ours: getattr(self.layer, entry.names[ours]) for ours in self.slots}
        self.shown = {name for name, slot in self.slots.items() if slot.born is not None}

    def load(self, values: Arrays) -> None:
        """Copy into parameters and state."""
        for name, value in values.items():
            self.owned[name].set_value(value.reshape(self.owned[name].shape))
        self.shown |= values.keys()

    def read(self) -> Arrays:
        """Give parameters and state, in our shapes."""
        return {name: self.owned[name].detach().clone().reshape(self.slots[name].shape) for name in self.shown}

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback]:
        """Call the layer in training mode or not; frozen is evaluation with gradients."""
        leaves, call = self._leaves(inputs), self._in(mode)
        y = call(leaves["x"])
        return y.detach(), pullback(y, leaves, self._shapes())

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the layer along a direction of x."""
        return tangents(self._in(mode), self._leaves(inputs), dy, direction, self._shapes())

    def _in(self, mode: Mode) -> Callable[[Array], Array]:
        (self.layer.train if mode in TRAINS else self.layer.eval)()
        return self.layer  # type: ignore[no-any-return]  # it comes without types

    def _leaves(self, inputs: Arrays) -> dict[str, Array]:
        inputs["x"].stop_gradient = False
        return {"x": inputs["x"]} | {name: self.owned[name] for name in PARAMETERS if name in self.owned}

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: slot.shape for name, slot in self.slots.items()}


class Functional:
    """Drives a function. The caller owns parameters and state; the function updates state in place."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        self.function, self.arguments = make, arguments
        self.told = "training=" in entry.modes["train"]
        self.shapes = {name: slot.shape for name, slot in spec.slots(situation.shape).items()}
        self.flat = entry.lie == "flat"
        self.values: dict[str, Array] = {}
        self.loaded = False

    def load(self, values: Arrays) -> None:
        """Take parameters and state, those that lie along several axes in one where the function has them so."""
        self.values = {name: value.reshape([-1]) if self.flat else value.clone() for name, value in values.items()}
        for name, value in self.values.items():
            value.stop_gradient = name not in PARAMETERS
        self.loaded = True

    def read(self) -> Arrays:
        """Give parameters and state."""
        if not self.loaded:
            raise Unsupported("a function owns nothing: parameters and state are its caller's")
        return {name: value.detach().clone().reshape(self.shapes[name]) for name, value in self.values.items()}

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback]:
        """Call the function."""
        leaves = self._leaves(inputs)
        y = self._in(mode)(leaves["x"])
        return y.detach(), pullback(y, leaves, self.shapes)

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the function along a direction of x."""
        return tangents(self._in(mode), self._leaves(inputs), dy, direction, self.shapes)

    def _in(self, mode: Mode) -> Callable[[Array], Array]:
        arguments = {name: self.values.get(given, given) for name, given in self.arguments.items()}
        return partial(self.function, **arguments, **({"training": mode in TRAINS} if self.told else {}))

    def _leaves(self, inputs: Arrays) -> dict[str, Array]:
        inputs["x"].stop_gradient = False
        return {"x": inputs["x"]} | {name: value for name, value in self.values.items() if name in PARAMETERS}


DRIVES: dict[str, Callable[..., Layer]] = {"paddle.nn": Module, "paddle.nn.functional": Functional, "paddle.nn.utils": Hooked}
"""What drives the entries that stand in each of Paddle's modules."""


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `paddle`, which has layers, hooks, and functions that there is no layer of, or `paddle:functional`.

    With `instead`, it drives drop-ins as it drives those.
    """
    if variant not in ("", "functional"):
        raise NotFound(f"variant of paddle must be 'functional' or none, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Layer:
        entry, arguments = native(offered(ENTRIES, instead), variant, spec, situation)
        narrow = [dtype for dtype in (situation.dtype, situation.parameter_dtype) if dtype not in KERNELS]
        if narrow and not instead:
            raise Unsupported(f"Paddle has no such kernel for {narrow[0]} on a CPU")
        return DRIVES[entry.native.rpartition(".")[0]](maker(entry, instead), entry, arguments, spec, situation)

    name = f"paddle:{variant}" if variant else "paddle"
    return Implementation(name=name, version=paddle.__version__, build=build, asarray=asarray, asnumpy=asnumpy)
