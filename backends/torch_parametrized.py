"""PyTorch's parametrizations of a weight: x is the weight. Each access is a step, and in training one that may move state."""

from collections.abc import Callable
from typing import Any

import torch

from normspec.backends.torch_arrays import asarray
from normspec.backends.torch_tangents import tangents
from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Mode, Pullback, Situation

TRAINS = ("train", "observe")
RANDOM = ("u", "v")
"""Arrays that are born random."""


class Parametrized:
    """Drives a parametrization of a module that has a weight and nothing else; in each step x takes the place of that weight."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], situation: Situation) -> None:
        if situation.dtype != situation.parameter_dtype:
            raise Unsupported(f"a weight and what is made of it have one dtype, not {situation.dtype} and {situation.parameter_dtype}")
        module = torch.nn.Module()
        made_with = situation.weight
        weight = torch.randn(situation.shape, device=situation.device) if made_with is None else asarray(made_with, situation)
        weight = weight.to(getattr(torch, situation.dtype))
        module.register_parameter("weight", torch.nn.Parameter(weight))
        self.module = make(module, **arguments)
        slots = entry.meaning(arguments, situation).slots(situation.shape)
        self.names = {ours: entry.names[ours] for ours in slots}
        self.shapes = {ours: slot.shape for ours, slot in slots.items()}
        self.shown = {name for name in slots if name not in RANDOM and made_with is not None}

    def load(self, values: Arrays) -> None:
        """Copy into parameters and buffers, whose axes of length 1 are theirs alone."""
        native = self._native()
        with torch.no_grad():
            for name, value in values.items():
                native[name].copy_(value.reshape(native[name].shape))
        self.shown |= values.keys()

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback]:
        """Access the weight once, in training mode or not; frozen is evaluation with gradients."""
        self.module.train(mode in TRAINS)
        x = torch.nn.Parameter(inputs["x"])
        owner = self.module.parametrizations["weight"]
        setattr(owner, self._place(), x)
        leaves = {"x": x} | {name: tensor for name, tensor in self._native().items() if tensor.requires_grad}
        y = self.module.weight
        return y.detach(), self._pullback(y, leaves)

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the weight that is made along a direction of the one that it is made of, which is no parameter meanwhile."""
        self.module.train(mode in TRAINS)
        owner, place = self.module.parametrizations["weight"], self._place()
        scale = {name: tensor for name, tensor in self._native().items() if name == "scale"}
        kept = owner._parameters.pop(place)  # noqa: SLF001 - PyTorch has no other way to put a tensor in a parameter's place

        def made(x: Array) -> Array:
            setattr(owner, place, x)
            return self.module.weight

        try:
            found = tangents(made, inputs["x"], scale, dy, direction)
        finally:
            owner.__dict__.pop(place, None)
            owner._parameters[place] = kept  # noqa: SLF001 - as above
        return {name: a if isinstance(a, str) else a.reshape(self.shapes.get(name, a.shape)) for name, a in found.items()}

    def read(self) -> Arrays:
        """Give parameters and buffers that are loaded, or made of the situation's weight, and none that are random."""
        shown = {name: tensor for name, tensor in self._native().items() if name in self.shown}
        return {name: tensor.detach().reshape(self.shapes[name]).clone() for name, tensor in shown.items()}

    def _native(self) -> dict[str, torch.Tensor]:
        found = self.module.state_dict(keep_vars=True)
        return {ours: found[theirs] for ours, theirs in self.names.items()}

    def _place(self) -> str:
        owner = self.module.parametrizations["weight"]
        return "original" if "original" in owner._parameters else "original1"  # noqa: SLF001 - the name alone

    def _pullback(self, y: torch.Tensor, leaves: dict[str, torch.Tensor]) -> Pullback:
        def pullback(dy: Array) -> Arrays:
            found = torch.autograd.grad(y, list(leaves.values()), dy)
            return {name: gradient.reshape(self.shapes.get(name, gradient.shape)) for name, gradient in zip(leaves, found, strict=True)}

        return pullback
