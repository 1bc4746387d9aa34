"""MLX' own layers. Gradients are mx.vjp's, of a call that puts back what the layer owned."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import ml_dtypes
import mlx.core as mx
import numpy as np

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.dialects.entry import Entry, native
from normspec.dialects.mlx import ENTRIES
from normspec.errors import NotFound
from normspec.records import Array, Arrays, Implementation, Mode, Pullback, Situation

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


class Module:
    """Drives a module of mlx.nn, whose arrays are attributes that the dialect names."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        self.module = make(**arguments)
        self.module.set_dtype(getattr(mx, situation.parameter_dtype))
        slots = spec.slots(situation.shape)
        self.names = {ours: entry.names[ours] for ours in slots}
        self.parameters = [name for name, slot in slots.items() if slot.role == "parameter"]

    def load(self, values: Arrays) -> None:
        """Take arrays."""
        for name, value in values.items():
            setattr(self.module, self.names[name], value)

    def read(self) -> Arrays:
        """Give arrays."""
        return {ours: getattr(self.module, theirs) for ours, theirs in self.names.items()}

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Call the module in training mode or not; frozen is evaluation with gradients."""
        before, call = self.read(), self._call(mode)
        leaves = {"x": inputs["x"], **{name: before[name] for name in self.parameters}}
        y = call(before, leaves)
        after = self.read()
        mx.eval(y, after)

        def pullback(dy: Array) -> Arrays:
            now = self.read()
            gradients = mx.vjp(lambda *given: call(before, dict(zip(leaves, given, strict=True))), list(leaves.values()), [dy])[1]
            self.load(now)
            mx.eval(gradients)
            return dict(zip(leaves, gradients, strict=True))

        return y, pullback

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the module along a direction of x."""
        before, call, x = self.read(), self._call(mode), inputs["x"]
        leaves = {"x": x, **{name: before[name] for name in self.parameters}}

        def gradients(x: Array) -> list[Array]:
            given = list({**leaves, "x": x}.values())
            found: list[Array] = mx.vjp(lambda *at: call(before, dict(zip(leaves, at, strict=True))), given, [dy])[1]
            return found

        (along,) = mx.jvp(lambda x: call(before, {**leaves, "x": x}), [x], [direction])[1]
        of_gradients = mx.jvp(gradients, [x], [direction])[1]
        self.load(before)
        mx.eval(along, of_gradients)
        return {"y": along, **{name: a for name, a in zip(leaves, of_gradients, strict=True) if name != "shift"}}

    def _call(self, mode: Mode) -> Callable[[Arrays, Arrays], Array]:
        def call(owned: Arrays, leaves: Arrays) -> Array:
            self.load({**owned, **{name: leaves[name] for name in self.parameters}})
            self.module.train(mode in ("train", "observe"))
            return self.module(leaves["x"])

        return call


def asarray(a: Array, _: Situation) -> Array:
    """Give a NumPy array as one of MLX, which has no way to take bfloat16 as such, and takes float64 only where it is told to."""
    if a.dtype == BFLOAT16:
        return mx.array(a.view(np.uint16)).view(mx.bfloat16)
    return mx.array(a, dtype=mx.float64) if a.dtype == np.float64 else mx.array(a)


def asnumpy(a: Array) -> Array:
    """Give an array of MLX as one of NumPy."""
    return np.array(a.view(mx.uint16)).view(BFLOAT16) if a.dtype == mx.bfloat16 else np.array(a)


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `mlx`, or what drives drop-ins as it drives its layers."""
    if variant:
        raise NotFound(f"mlx has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Module:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        return Module(maker(entry, instead), entry, arguments, spec, situation)

    return Implementation(name="mlx", version=version("mlx"), build=build, asarray=asarray, asnumpy=asnumpy)
