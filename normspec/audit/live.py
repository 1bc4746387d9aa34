"""The layers of a live model of PyTorch, Keras or Flax, which is here, and so is its framework: none is imported for it."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from normspec.audit import keras_config
from normspec.audit.records import Item, Model, Written, exactly, is_like_a_norm, unknown
from normspec.errors import NormspecError, NotFound
from normspec.lint import Node
from normspec.translation.reading import live

PARAMETRIZATIONS = {
    "_WeightNorm": ("weight_norm", {"dim": "dim"}),
    "_SpectralNorm": ("spectral_norm", {"n_power_iterations": "n_power_iterations", "eps": "eps", "dim": "dim"}),
}
"""What the parametrizations of PyTorch are made by, and their arguments by their attributes."""


def read(found: Any) -> Model:
    """Give the normalization layers of a live model.

    Raises
    ------
    NotFound
        Where it is a model of none of the three.
    """
    for framework, reader in READERS.items():
        if is_model(found, framework):
            return reader(found)
    raise NotFound(f"model must be one of {', '.join(READERS)}, or a file .onnx or .keras, got {_class(found)}")


def is_model(found: Any, framework: str) -> bool:
    """Tell whether an object is a model, or a layer, of a framework."""
    module, name = BASES[framework]
    return any(kind.__module__.startswith(module) and kind.__name__ == name for kind in type(found).__mro__)


def _torch(model: Any) -> Model:
    named = dict(model.named_modules())
    items = {id(module): _of_torch(name, module) for name, module in named.items()}
    hooks = [(name, hook) for name, module in named.items() for hook in _hooks(module)]
    older = [unknown(f"{name}.{hook.name}", _class(hook), "a hook, which parametrizations have replaced") for name, hook in hooks]
    sequences = [[items[id(one)] for one in _in_order(module)] for module in named.values() if type(module).__name__ == "Sequential"]
    return Model(framework="torch", layers=(*_norms(items[id(one)] for one in named.values()), *older), sequences=tuple(sequences))


def _norms(items: Iterable[Item]) -> Iterator[Written]:
    """Give the normalization layers; a whole model whose own name is like one's, and that has no name in itself, is none."""
    yield from (item for item in items if isinstance(item, Written) and (item.name or item.entries))


def _in_order(sequential: Any) -> Iterator[Any]:
    """Give the modules of a sequence, and of those in it, as they are called."""
    for module in sequential.children():
        if type(module).__name__ == "Sequential":
            yield from _in_order(module)
        elif type(module).__name__ != "Identity":
            yield module


def _hooks(module: Any) -> Iterator[Any]:
    """Give the hooks of torch.nn.utils.weight_norm and spectral_norm as they were before the parametrizations."""
    yield from (h for h in module._forward_pre_hooks.values() if type(h).__name__ in ("WeightNorm", "SpectralNorm"))  # noqa: SLF001 - kept there alone


def _of_torch(name: str, module: Any) -> Item:
    kind = type(module).__name__
    if kind in PARAMETRIZATIONS and type(module).__module__ == "torch.nn.utils.parametrizations":
        made, attributes = PARAMETRIZATIONS[kind]
        (entry,) = exactly("torch", f"torch.nn.utils.parametrizations.{made}")
        arguments = {argument: getattr(module, a) for argument, a in attributes.items() if argument in entry.defaults}
        return Written(name=name, native=entry.native, entries=(entry,), arguments=arguments)
    norm = _norm(name, module)
    if norm is not None:
        return norm
    ours = type(module).__module__.startswith("torch.nn.modules.")
    if ours and (kind == "Linear" or kind.startswith("Conv")):
        return Node(
            kind="dense" if kind == "Linear" else "conv", name=name, bias=module.bias is not None, axis=-1 if kind == "Linear" else 1
        )
    if ours and kind in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d"):
        return Node(kind="dropout", name=name, rate=module.p)
    if type(module).__module__ == "torch.nn.modules.activation":
        return Node(kind="activation", name=name, relu=kind == "ReLU")
    return Node(kind="other", name=name)


def _norm(name: str, layer: Any) -> Written | None:
    """Give a layer as a dialect reads it, or one that none has, where its class or a base of it is called like one; else None."""
    try:
        entries, arguments = live(layer)
    except NotFound as reason:
        like = any(is_like_a_norm(kind.__name__) for kind in type(layer).__mro__)
        return unknown(name, _class(layer), str(reason).partition("; the nearest")[0]) if like else None
    except (NormspecError, AttributeError, TypeError) as reason:  # not built, or changed after it was made
        return unknown(name, _class(layer), f"its arguments cannot be read: {reason}")
    return Written(name=name, native=entries[0].native, entries=entries, arguments=arguments)


def _keras(model: Any) -> Model:
    """Give a model by its configuration, and what no configuration shows: the layers that a model of one's own has."""
    library = next(kind.__module__.partition(".")[0] for kind in type(model).__mro__ if kind.__module__.startswith(("keras", "tf_keras")))
    try:
        config = sys.modules[library].saving.serialize_keras_object(model)
        shown = keras_config.model(json.loads(json.dumps(config, default=str)), library)  # with lists for tuples, as a file has it
    except (NotImplementedError, TypeError, ValueError):  # a model of one's own need not have one
        shown = Model(framework=library, layers=())
    names = {layer.name for layer in shown.layers}
    hidden = [_norm(one.name, one) for one in model._flatten_layers() if one.name not in names]  # noqa: SLF001 - all layers are there alone
    more = (one for one in hidden if one is not None and (one.name != model.name or one.entries))
    return Model(framework=library, layers=(*shown.layers, *more), sequences=shown.sequences)


def _flax(model: Any) -> Model:
    modules = {".".join(map(str, path)): module for path, module in sys.modules["flax"].nnx.iter_modules(model)}
    items = {id(module): _of_flax(name, module) for name, module in modules.items()}
    inside = [module.layers for module in modules.values() if type(module).__name__ == "Sequential"]
    sequences = [[items.get(id(one)) or _of_flax("", one) for one in layers] for layers in inside]
    return Model(framework="flax", layers=tuple(_norms(items.values())), sequences=tuple(sequences))


def _of_flax(name: str, module: Any) -> Item:
    kind = type(module).__name__
    norm = _norm(name, module) if is_model(module, "flax") else None
    if norm is not None:
        return norm
    ours = type(module).__module__.startswith("flax.nnx")
    if ours and (kind == "Linear" or kind in ("Conv", "ConvTranspose")):
        return Node(kind="dense" if kind == "Linear" else "conv", name=name, bias=module.bias is not None)
    if ours and kind == "Dropout":
        return Node(kind="dropout", name=name, rate=module.rate)
    called = getattr(module, "__name__", "")
    return Node(kind="activation", name=name, relu=called == "relu") if called in ACTIVATIONS else Node(kind="other", name=name)


def _class(found: Any) -> str:
    return f"{type(found).__module__}.{type(found).__qualname__}"


ACTIVATIONS: Sequence[str] = ("relu", "gelu", "silu", "swish", "tanh", "sigmoid", "elu", "selu", "leaky_relu", "softplus")
BASES = {
    "torch": ("torch.nn.modules.module", "Module"),
    "keras": ("keras.", "Layer"),
    "tf_keras": ("tf_keras.", "Layer"),
    "flax": ("flax.nnx", "Module"),
}
READERS: dict[str, Callable[[Any], Model]] = {"torch": _torch, "keras": _keras, "tf_keras": _keras, "flax": _flax}
