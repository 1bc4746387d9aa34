"""PyTorch's own layers: any module, function or parametrization that the dialect names. Gradients are autograd's."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.torch_arrays import LAYOUTS, asarray, asnumpy
from normspec.backends.torch_compiled import compiled
from normspec.backends.torch_parametrized import Parametrized
from normspec.backends.torch_tangents import tangents
from normspec.backends.torch_variants import COMPILED, VARIANTS
from normspec.dialects.entry import Entry, native
from normspec.dialects.torch import ENTRIES
from normspec.errors import NotFound, Unsupported
from normspec.records import Array, Arrays, Implementation, Layer, Mode, Pullback, Situation

GRADIENT_FREE = ("count", "running_mean", "running_variance")
"""Arrays of ours that are state: buffers, which autograd does not follow."""

TOLD = {"batch_norm": "training", "instance_norm": "use_input_stats"}
"""The argument by which the function of a layer is told the mode."""


class Module:
    """Drives a torch.nn.Module whose parameters and buffers the dialect names. What the situation lays out takes their place as it lies."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], situation: Situation) -> None:
        self.module = make(**arguments).to(device=situation.device, dtype=getattr(torch, situation.parameter_dtype))
        owned = {ours: getattr(self.module, theirs) for ours, theirs in entry.names.items() if hasattr(self.module, theirs)}
        self.native = {ours: tensor for ours, tensor in owned.items() if tensor is not None}
        self.laid = dict(situation.layout)
        self.plus = entry.plus

    def load(self, values: Arrays) -> None:
        """Copy into parameters and buffers."""
        with torch.no_grad():
            for name, value in values.items():
                own = self._without(name, value)
                if name in self.laid:
                    self.native[name].data = own
                else:
                    self.native[name].copy_(own)

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Call the module in training mode or not; frozen is evaluation with gradients."""
        self.module.train(mode in ("train", "observe"))
        leaves = {"x": inputs["x"].requires_grad_()} | {n: p for n, p in self.native.items() if p.requires_grad}
        y = self.module(leaves["x"])
        return y.detach(), _pullback(y, leaves)

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the module along a direction of x."""
        self.module.train(mode in ("train", "observe"))
        scale = {name: tensor for name, tensor in self.native.items() if name == "scale"}
        return tangents(self.module, inputs["x"], scale, dy, direction)

    def read(self) -> Arrays:
        """Give parameters and buffers."""
        own = {name: tensor.detach().clone() for name, tensor in self.native.items()}
        return {name: a + self.plus[name] if name in self.plus else a for name, a in own.items()}

    def _without(self, name: str, value: Array) -> Array:
        """Give what the module keeps of an array, which must be all of it: 1 + w has no more digits than 1."""
        more = self.plus.get(name, 0.0)
        if more and not torch.equal(value - more + more, value):
            raise Unsupported(f"{name} must be {more:g} and what the module keeps, to the last digit: of {value.dtype} it is not")
        return value - more if more else value


class Functional:
    """Drives a function of torch.nn.functional. The caller owns parameters and state; the function updates state in place."""

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], situation: Situation) -> None:
        self.function = make
        self.laid = dict(situation.layout)
        self.arguments = arguments
        self.told = TOLD.get(entry.layer)
        self.values: dict[str, torch.Tensor] = {}
        self.loaded = False

    def load(self, values: Arrays) -> None:
        """Take parameters and state."""
        own = {n: v.detach() if n in self.laid else v.clone() for n, v in values.items()}
        self.values = {n: v.requires_grad_(n not in GRADIENT_FREE) for n, v in own.items()}
        self.loaded = True

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Call the function; without running statistics it is told to train, for only so does it take x's own."""
        leaves = {"x": inputs["x"].requires_grad_()} | {n: v for n, v in self.values.items() if v.requires_grad}
        y = self._in(mode)(leaves["x"])
        return y.detach(), _pullback(y, leaves)

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the function along a direction of x."""
        scale = {name: tensor for name, tensor in self.values.items() if name == "scale"}
        return tangents(self._in(mode), inputs["x"], scale, dy, direction)

    def read(self) -> Arrays:
        """Give parameters and state."""
        if not self.loaded:
            raise Unsupported("a function owns nothing: parameters and state are its caller's")
        return {name: tensor.detach().clone() for name, tensor in self.values.items()}

    def _in(self, mode: Mode) -> Callable[[Array], Array]:
        arguments = {n: self.values[v] if isinstance(v, str) else v for n, v in self.arguments.items()}
        if self.told:
            arguments[self.told] = mode in ("train", "observe") or "running_mean" not in self.values
        return partial(self.function, **arguments)


def _pullback(y: torch.Tensor, leaves: dict[str, torch.Tensor]) -> Pullback:
    return lambda dy: dict(zip(leaves, torch.autograd.grad(y, list(leaves.values()), dy), strict=True))


DRIVES: dict[str, Callable[..., Layer]] = {
    "torch.nn": Module,
    "torch.nn.functional": Functional,
    "torch.nn.utils.parametrizations": Parametrized,
}
"""What drives the entries that stand in each of PyTorch's modules."""


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give one of four.

    `torch`: modules, and what there is no module of; `torch:functional`; `torch:others`, modules that mean what another one does;
    `torch:compile`, what `torch` has, compiled.

    With `instead`, it drives drop-ins as it drives those.
    """
    if variant not in VARIANTS:
        raise NotFound(f"variant of torch must be 'functional', 'others', 'compile' or none, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Layer:
        entry, arguments = native(offered(ENTRIES, instead), VARIANTS[variant], spec, situation)
        if situation.shards:
            raise Unsupported("takes no shards in one process: it synchronizes those of several, each on a GPU, and refuses a CPU there")
        place, make = entry.native.rpartition(".")[0], maker(entry, instead)
        return DRIVES[place](compiled(make, place) if variant == COMPILED else make, entry, arguments, situation)

    name = f"torch:{variant}" if variant else "torch"
    return Implementation(
        name=name,
        version=torch.__version__,
        build=build,
        asarray=asarray,
        asnumpy=asnumpy,
        layouts=LAYOUTS,
        shards="any" if variant == "others" else "none",
    )
