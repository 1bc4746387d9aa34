"""Entries by the names that people write: `BatchNorm2d`, `nn.BatchNorm2d`, `tf.keras.layers.BatchNormalization`."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from normspec.dialects import DIALECTS, all_entries, entries
from normspec.dialects.entry import Entry
from normspec.errors import NotFound, Unsupported

ROOTS = {
    "tf.keras": "keras",
    "tensorflow.keras": "keras",
    "tf": "tensorflow",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "nnx": "flax.nnx",
    "hk": "haiku",
    "eqx": "equinox",
    "ov": "openvino",
    "L": "caffe.layers",
}
"""What people call modules when they import them, the longer names first."""
SECOND = ("mindspore.",)
"""Whose layers have PyTorch's names: `BatchNorm2d(64, 1e-05, 0.1)`, as PyTorch prints it, is none of these."""


def full(name: str) -> str:
    """Give a dotted name with its root spelt out."""
    root = next((root for root in ROOTS if name.startswith(f"{root}.")), None)
    return name if root is None else ROOTS[root] + name.removeprefix(root)


def named(name: str) -> tuple[Entry, ...]:
    """Give the entries of the one native layer that a dotted name, or the end of one, stands for.

    Raises
    ------
    NotFound
        Where there is none, or more than one; the message lists the nearest, or all of them.
    """
    known: dict[str, list[Entry]] = {}
    for entry in all_entries():
        known.setdefault(entry.native, []).append(entry)
    found = [native for native in known if _ends(native, name)]  # other names of a layer stand for it where none is this one's own
    found = found or [native for native, of in known.items() if any(_ends(one, name) for one in of[0].also)]
    found = [native for native in found if not native.startswith(SECOND)] or found
    if len(found) > 1:
        raise NotFound(f"layer must be one of {', '.join(found)}: {name!r} is each of them; write more of the name")
    if not found:
        raise NotFound(f"layer must be one that a dialect has, got {name!r}; the nearest are {', '.join(_nearest(name, known))}")
    return tuple(known[found[0]])


def _ends(known: str, name: str) -> bool:
    return f".{full(known)}".endswith(f".{full(name)}")


def of_class(layer: Any) -> tuple[Entry, ...]:
    """Give the entries of a live layer, by the class itself: what a subclass means is its own affair.

    Raises
    ------
    NotFound
        Where its class is none that a dialect has.
    """
    found = tuple(entry for entry in all_entries() if entry.attributes and is_of(entry, type(layer)))
    if found:
        return found
    name = f"{type(layer).__module__}.{type(layer).__qualname__}"
    base = next((entry for kind in type(layer).__mro__[1:] for entry in all_entries() if is_of(entry, kind)), None)
    if base is not None:
        raise NotFound(f"layer must be of a class that a dialect has; {name} is a subclass of {base.native}, and may mean something else")
    near = ", ".join(_nearest(type(layer).__name__, [entry.native for entry in all_entries()]))
    raise NotFound(f"layer must be of a class that a dialect has, or a call as text, got one of {name}; the nearest are {near}")


def is_of(entry: Entry, kind: type) -> bool:
    """Tell whether a class is the one that an entry names, from where it is defined."""
    *modules, name = full(entry.native).split(".")
    return kind.__name__ == name and set(modules) <= set(kind.__module__.split("."))


def targets(to: str, layer: str) -> tuple[Entry, ...]:
    """Give the entries of a layer that a dialect (`torch`, `flax:linen`) or a native name offers.

    Raises
    ------
    NotFound
        Where the name names nothing.
    Unsupported
        Where what it names has no such layer.
    """
    dialect, _, variant = str(to).partition(":")
    if dialect not in DIALECTS and "." not in str(to) and not any(entry.native.endswith(f".{to}") for entry in all_entries()):
        raise NotFound(f"target must be a dialect ({', '.join(DIALECTS)}), such as flax:linen, or a native layer, got {to!r}")
    offered = entries(dialect) if dialect in DIALECTS else named(to)
    variants = {entry.variant for entry in offered} - {""}
    if variant and variant not in variants:
        raise NotFound(f"variant of {dialect} must be one of {', '.join(sorted(variants)) or 'none'}, got {variant!r}")
    found = tuple(entry for entry in offered if entry.layer == layer and variant in ("", entry.variant))
    if not found:
        raise Unsupported(f"{to} has no {layer}")
    return found


def _nearest(name: str, natives: Iterable[str]) -> list[str]:
    """Give the native names whose last part is most like this one's."""
    last = {native: native.rpartition(".")[2].lower() for native in natives}
    close = get_close_matches(name.rpartition(".")[2].lower(), set(last.values()), 3, 0.0)
    return [native for part in close for native in last if last[native] == part][:6]
