"""A wrong layer planted in place of a function of torch.nn.functional, so that tests of PyTorch's layers can be scored.

Modules call these functions, so they are wrong, too. Gradients are those of the wrong layer's pullback.
"""

import inspect
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from normspec.backends.torch_arrays import asarray, asnumpy
from normspec.dialects.entry import Entry
from normspec.errors import NormspecError, NotFound
from normspec.records import Implementation, Layer, Situation
from normspec.translation.find import named

PLACE = "torch.nn.functional"
STATE = ("running_mean", "running_variance")


@contextmanager
def planted(native: str, by: Implementation) -> Iterator[Counter[str]]:
    """Let a function of torch.nn.functional be computed by an implementation of NumPy arrays, as far as that has such a layer.

    What is given counts the calls that were `planted`, and those that were left to the `original`.

    Raises
    ------
    NotFound
        Where `native` is no function of torch.nn.functional that the dialect has.
    """
    entry = named(native)[0]
    place, _, name = entry.native.rpartition(".")
    if place != PLACE:
        raise NotFound(f"native must be a function of {PLACE}, which its modules call, got {native!r}")
    original, calls = getattr(torch.nn.functional, name), Counter[str]()
    layers: dict[Any, Layer] = {}
    signature = inspect.signature(original)

    def wrong(*given: Any, **named_: Any) -> Any:
        bound = signature.bind(*given, **named_)
        bound.apply_defaults()
        try:
            found = _take(entry, by, dict(bound.arguments), layers)
        except NormspecError:  # there is no such layer with the fault
            calls["original"] += 1
            return original(*given, **named_)
        calls["planted"] += 1
        return found

    setattr(torch.nn.functional, name, wrong)
    try:
        yield calls
    finally:
        setattr(torch.nn.functional, name, original)


def _take(entry: Entry, by: Implementation, arguments: dict[str, Any], layers: dict[Any, Layer]) -> Any:
    x = arguments["input"]
    tensors = {ours: arguments[theirs] for ours, theirs in entry.names.items() if arguments.get(theirs) is not None}
    of_parameters = next(iter(tensors.values()), x)
    situation = Situation(shape=tuple(x.shape), dtype=_dtype(x), parameter_dtype=_dtype(of_parameters))
    told = {name: "given" if torch.is_tensor(v) else v for name, v in arguments.items() if name not in entry.free}
    spec = entry.meaning({name: v for name, v in told.items() if name in entry.defaults or name in entry.sizes or v is not None}, situation)
    key = spec, situation, *(id(tensor) for tensor in tensors.values())  # a fault may remember its layer's earlier steps
    if key not in layers:
        layers[key] = by.build(spec, situation)
    train = arguments.get("training", arguments.get("use_input_stats", True))
    leaves = {"x": x, **{name: tensor for name, tensor in tensors.items() if name not in STATE}}
    state = {name: tensor for name, tensor in tensors.items() if name in STATE}
    return _Planted.apply(layers[key], "train" if train else "freeze", situation, state, tuple(leaves), *leaves.values())  # type: ignore[no-untyped-call]


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


class _Planted(torch.autograd.Function):
    """One step of the layer; its tensors share their memory with the layer's arrays, so that what a fault damages is damaged."""

    @staticmethod
    def forward(
        ctx: Any, layer: Layer, mode: Any, situation: Situation, state: Mapping[str, Any], names: tuple[str, ...], *leaves: Any
    ) -> Any:
        """Take a step, and move the state that the caller owns."""
        arrays = {name: asnumpy(tensor.detach()) for name, tensor in zip(names, leaves, strict=True)}
        layer.load({name: a for name, a in arrays.items() if name != "x"} | {name: asnumpy(tensor) for name, tensor in state.items()})
        y, ctx.pullback = layer.forward({"x": arrays["x"]}, mode)
        after = layer.read()
        for name, tensor in state.items():
            tensor.copy_(asarray(after[name], situation))
        ctx.names, ctx.situation = names, situation
        return asarray(y, situation)

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        """Give the cotangents of the leaves."""
        found = ctx.pullback(asnumpy(dy))
        return (*(None,) * 5, *(asarray(found[name], ctx.situation) for name in ctx.names))
