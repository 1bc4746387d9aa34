"""What `normspec identify` is asked about: the implementation, the spec that it is told to build, and a small x for it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from normspec.conformance.identification.options import start
from normspec.dialects import dialect_of, entries
from normspec.dialects.entry import Entry, native
from normspec.errors import NormspecError, NotFound, Unsupported
from normspec.layers import SPECS
from normspec.layers.geometry import per_statistic
from normspec.load import BACKENDS
from normspec.records import Situation
from normspec.translation.bare import bare
from normspec.translation.find import named
from normspec.translation.reading import reading
from normspec.translation.situated import Reading, meaning

LENGTHS = (4, 6, 5, 3, 7, 8)
"""Lengths of x along its axes, all different and small."""
CHANNELS = (9, 12)
"""Lengths of the axis of the channels where windows, or groups, lie along it."""
RANKS = {"weight_norm": 2, "spectral_norm": 2, "weight_standardization": 3}
"""The rank of x where nothing is asked for; else 3."""


@dataclass(frozen=True)
class Subjected:
    """What is identified: the implementation's name, the native layer it is like, the spec asked for and whether it is a promise."""

    name: str
    like: str
    asked: Any
    shape: tuple[int, ...]
    promised: bool


def subjected(implementation: str, layer: str | None, like: str, rank: int | None) -> Subjected:
    """Give what the arguments of the command mean.

    Raises
    ------
    NotFound
        Where they name no layer.
    """
    if like:
        return native_layer(implementation, like, like, rank)
    if "(" in implementation:
        return native_layer("", "", implementation, rank)
    if layer is None:
        raise NotFound(f"layer must be given for {implementation}: one of {', '.join(SPECS)}, or a native layer or call, got none")
    if layer not in SPECS:
        return native_layer(implementation if implementation.partition(":")[0] not in BACKENDS else "", "", layer, rank)
    if implementation.partition(":")[0] in BACKENDS:
        return native_layer("", "", _of_framework(implementation, layer), rank)
    return _neutral(implementation, layer, rank)


def _of_framework(implementation: str, layer: str) -> str:
    """Give the native name of a framework's layer: the first that its dialect has."""
    head, _, variant = implementation.partition(":")
    found = [entry for entry in entries(head) if entry.layer == layer and entry.variant == variant]
    if not found:
        raise Unsupported(f"{implementation} has no {layer}")
    return found[0].native


def _neutral(implementation: str, layer: str, rank: int | None) -> Subjected:
    """Ask for the first points of every field, with all parameters: what is built is another's affair."""
    shape = lengths(layer, rank or RANKS.get(layer, 3))
    spec = start(layer, shape, {})
    more = {name: True for name in ("scale", "shift") if hasattr(spec, name)}
    return Subjected(implementation, "", replace(spec, **more), shape, promised=False)


def native_layer(implementation: str, like: str, text: str, rank: int | None) -> Subjected:
    """Ask for what a native layer means, by its defaults or with the arguments given, at this rank of x."""
    if "(" in text:
        read = reading(text, rank=rank, dtype="float64")
    else:
        known = named(text)
        entry = next((e for e in known if (rank or RANKS.get(e.layer, 3)) in e.ranks), known[0])
        read = _bare(entry, rank)
    asked, shape = _somewhere(read)
    name = implementation or dialect_of(read.entry)
    _must_be(read.entry, asked, shape)
    return Subjected(name, like, asked, shape, promised=True)


def _bare(entry: Entry, rank: int | None) -> Reading:
    """Give what a layer means by its defaults: at the rank asked for, or at a small one if it is a layer there, or at its usual one."""
    small = RANKS.get(entry.layer, 3)
    if rank is None and small in entry.ranks:
        with suppress(NormspecError):
            return bare(entry, small)
    return bare(entry, rank)


def _must_be(entry: Entry, asked: Any, shape: tuple[int, ...]) -> None:
    """Refuse where what is built for the spec would be another layer than the one that was named."""
    dialect, _, variant = dialect_of(entry).partition(":")
    built, _ = native(entries(dialect), variant, asked, situation(shape))
    if built.native != entry.native:
        raise Unsupported(f"{entry.native} means what {built.native} means, and that is built: name it, or give module:object --like it")


def _somewhere(read: Reading) -> tuple[Any, tuple[int, ...]]:
    """Give what a reading means on a small x on which its fields show, in float64."""
    rank, refused = len(read.situation.shape), ""
    tried = [read.situation.shape] if read.sized else []
    for shape in (*tried, *_shapes(read.spec, rank), read.situation.shape):
        try:
            spec = meaning(read.entry, read.arguments, situation(shape))
            if per_statistic(spec, shape) > 1:
                return spec, shape
        except NormspecError as reason:
            refused = str(reason)
    raise Unsupported(refused or f"{read.entry.native} has no statistic of more than one value on a small x of rank {rank}")


def _shapes(spec: Any, rank: int) -> Iterator[tuple[int, ...]]:
    yield lengths(spec.layer, rank, getattr(spec, "groups", 1), getattr(spec, "channel_axes", ()))


def lengths(layer: str, rank: int, groups: int = 1, axes: tuple[int, ...] = (1,)) -> tuple[int, ...]:
    """Give lengths of x: those of the channels are enough for a window, or for two in every group."""
    found = [LENGTHS[a % len(LENGTHS)] for a in range(rank)]
    for axis in axes:
        if -rank <= axis < rank and layer in ("group_norm", "local_response_norm"):
            found[axis] = CHANNELS[0] if layer == "local_response_norm" else max(CHANNELS[1] // groups, 2) * groups
    return tuple(found)


def situation(shape: tuple[int, ...]) -> Situation:
    """Give the situation in which numbers are measured: float64."""
    return Situation(shape=shape, dtype="float64", parameter_dtype="float64")
