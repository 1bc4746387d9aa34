"""The layers of a Keras model by its configuration, which is JSON: out of a `.keras` file, or of a live model."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from normspec.audit.archive import members
from normspec.audit.records import Item, Model, Shape, Written, exactly, is_like_a_norm, sequences_to, unknown
from normspec.dialects.entry import Entry, Name
from normspec.errors import InvalidInput
from normspec.lint import Node

Config = Mapping[str, Any]

PARTS = ("initializers", "constraints", "regularizers", "dtype_policies", "optimizers", "losses", "metrics", "quantizers")
"""Modules of Keras whose objects are no layers, though a constraint is called UnitNorm."""
ACTIVATIONS = {"Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax"}
NESTS = ("Sequential", "Functional")


def read(path: Path) -> Model:
    """Give the normalization layers of a `.keras` file. Its weights and its code, if there is any, are not looked at.

    Raises
    ------
    InvalidInput
        Where it is none.
    """
    config, about = members(path, "config.json", "metadata.json")
    if not _is_object(config) or not isinstance(about, dict):
        raise InvalidInput(f"config.json in {path} must be an object with class_name and config, and metadata.json one, too")
    return model(config, "tf_keras" if str(about.get("keras_version", "3")).startswith("2.") else "keras")


def model(config: Config, dialect: str) -> Model:
    """Give the normalization layers of a model's configuration, in the words of a dialect."""
    found: dict[str, Item] = {}
    before: dict[str, tuple[str, ...]] = {}
    _walk(config, "", dialect, found, before)
    layers = {key: item for key, item in found.items() if isinstance(item, Written)}
    return Model(framework=dialect, layers=tuple(layers.values()), sequences=tuple(sequences_to(layers, before, found)))


def _walk(config: Any, where: str, dialect: str, found: dict[str, Item], before: dict[str, tuple[str, ...]]) -> None:
    """Go through a configuration; fill in layers by their places, and what each takes."""
    if isinstance(config, list):
        for k, one in enumerate(config):
            _walk(one, f"{where}/{k}", dialect, found, before)
    elif isinstance(config, dict):
        if _is_object(config) and not _is_part(config):
            _layer(config, where, dialect, found, before)
        for name, one in config.items():
            _walk(one, f"{where}/{name}", dialect, found, before)


def _layer(config: Config, where: str, dialect: str, found: dict[str, Item], before: dict[str, tuple[str, ...]]) -> None:
    """Fill in a layer, and what the layers in it take of one another."""
    before.update(_order(config, where))
    found[where] = _item(config, dialect)
    activation = config["config"].get("activation")
    if isinstance(found[where], Node) and config["class_name"] not in ACTIVATIONS and activation not in ("linear", None):
        linear = f"{where}/linear"  # the activation is a layer of its own, and what others take
        found[linear], found[where] = found[where], Node(kind="activation", relu=activation == "relu")
        before[linear], before[where] = before.get(where, ()), (linear,)


def _order(config: Config, where: str) -> dict[str, tuple[str, ...]]:
    """Give the layers that each of a sequential or functional model takes, by their places, and those that the model gives."""
    inside = config["config"].get("layers")
    if config["class_name"] not in NESTS or not isinstance(inside, list):
        return {}
    layers = {f"{where}/config/layers/{k}": one for k, one in enumerate(inside) if _is_object(one)}
    ordered = list(layers)
    if config["class_name"] == "Sequential":
        return {place: tuple(ordered[max(0, k - 1) : k]) for k, place in enumerate(ordered)}
    places = {_name(one): place for place, one in layers.items()}
    taken = {place: tuple(places.get(name, name) for name in _sources(one.get("inbound_nodes"))) for place, one in layers.items()}
    return taken | {f"{where}/given": tuple(places[name] for name in _texts(config["config"].get("output_layers")) if name in places)}


def _sources(calls: Any) -> Iterator[str]:
    """Give the names of the layers whose outputs are taken, in all of the calls: of [name, node, tensor], in Keras 3 in `keras_history`."""
    if isinstance(calls, list) and [type(one) for one in calls[:3]] == [str, int, int]:
        yield calls[0]
    for one in calls.values() if isinstance(calls, dict) else calls if isinstance(calls, list) else ():
        yield from _sources(one)


def _texts(data: Any) -> Iterator[str]:
    """Give the texts in lists of lists."""
    if isinstance(data, str):
        yield data
    for one in data if isinstance(data, list) else ():
        yield from _texts(one)


def _item(config: Config, dialect: str) -> Item:
    """Give a layer as it is written, or what it is otherwise."""
    kind, own, name = config["class_name"], config["config"], _name(config)
    native = f"{dialect}.layers.{kind}"
    entries = exactly(dialect, native) if _is_theirs(config) else ()
    if entries:
        return Written(name=name, native=native, entries=entries, arguments=_arguments(entries[0], own), shape=_shape(config))
    if is_like_a_norm(kind):
        said = native if _is_theirs(config) else str(config.get("registered_name") or kind)
        return unknown(name, said, "no dialect has this layer", _shape(config))
    return _other(kind, own, name) if _is_theirs(config) else Node(kind="other", name=name)


def _other(kind: str, own: Config, name: str) -> Node:
    """Give a layer of Keras that is no norm."""
    if kind == "Dense" or "Conv" in kind:
        axis = 1 if own.get("data_format") == "channels_first" else -1
        return Node(kind="dense" if kind == "Dense" else "conv", name=name, bias=own.get("use_bias") is True, axis=axis)
    rate = own.get("rate")
    if (kind == "Dropout" or kind.startswith("SpatialDropout")) and isinstance(rate, int | float) and 0 <= rate <= 1:
        return Node(kind="dropout", name=name, rate=rate)
    if kind in ACTIVATIONS:
        return Node(kind="activation", name=name, relu=kind == "ReLU" or own.get("activation") == "relu")
    return Node(kind="other", name=name)


def _arguments(entry: Entry, own: Config) -> dict[str, Any]:
    """Give the arguments that carry meaning, as the dialect has them: tuples for lists, and the name of an initializer."""
    return {name: _argument(name, own[name]) for name in (*entry.defaults, *entry.fixed) if name in own}


def _argument(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        said = str(value.get("class_name", "object"))
        return said.lower() if name.endswith("_initializer") else Name(said)
    if name in ("mean", "variance") and value is not None:
        return Name(name)
    if isinstance(value, list):
        return value[0] if len(value) == 1 else tuple(value)
    return value


def _shape(config: Config) -> Shape | None:
    built = config.get("build_config")
    shape = built.get("input_shape") if isinstance(built, dict) else None
    if not isinstance(shape, list) or not all(n is None or (type(n) is int and n > 0) for n in shape):
        return None
    return tuple(shape) or None


def _is_object(config: Any) -> bool:
    return isinstance(config, dict) and isinstance(config.get("class_name"), str) and isinstance(config.get("config"), dict)


def _is_part(config: Config) -> bool:
    return _module(config).partition(".")[2].removeprefix("src.").partition(".")[0] in PARTS


def _is_theirs(config: Config) -> bool:
    """Tell whether a class is of Keras itself."""
    return _module(config).partition(".")[0] in ("keras", "tf_keras") and config.get("registered_name") in (None, config["class_name"])


def _module(config: Config) -> str:
    return str(config.get("module") or "")


def _name(config: Config) -> str:
    return str(config["config"].get("name") or config.get("name") or config["class_name"])
