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
from normspec.translation.bare import placeholders, somewhere, typical, without_sizes
from normspec.translation.find import named
from normspec.translation.reading import reading
from normspec.translation.situated import Reading, meaning, situated, usual_rank

DTYPES = ("float64", "float32")
"""The dtypes in which numbers are solved for: the first that the layer takes."""
LENGTHS = (4, 6, 5, 3, 7, 8)
"""Lengths of x along its axes, all different and small."""
CHANNELS = (9, 12)
"""Lengths of the axis of the channels where windows, or groups, lie along it."""
RANKS = {"local_response_norm": 4, "weight_norm": 2, "spectral_norm": 2, "weight_standardization": 3}
"""The rank of x where nothing is asked for; else 3."""


@dataclass(frozen=True)
class Subjected:
    """What is identified: the implementation's name, the native layer it is like, the spec asked for and whether it is a promise.

    `dtype` is the one in which numbers are solved for.
    """

    name: str
    like: str
    asked: Any
    shape: tuple[int, ...]
    promised: bool
    dtype: str = "float64"


def subjected(implementation: str, layer: str | None, like: str, rank: int | None, dtypes: tuple[str, ...] = DTYPES) -> Subjected:
    """Give what the arguments of the command mean, in the first of these dtypes in which there is such a layer.

    Raises
    ------
    NotFound
        Where they name no layer.
    """
    refused: NormspecError = NotFound("dtypes must be some, got none")
    for dtype in dtypes:
        try:
            return _in(dtype, implementation, layer, like, rank)
        except Unsupported as reason:
            refused = refused if isinstance(refused, Unsupported) else reason
    raise refused


def _in(dtype: str, implementation: str, layer: str | None, like: str, rank: int | None) -> Subjected:
    if like:
        return _of_entry(_at(named(like), rank), implementation, like, rank, dtype)
    text = implementation if "(" in implementation else layer
    if text is None:
        raise NotFound(f"layer must be given for {implementation}: one of {', '.join(SPECS)}, or a native layer or call, got none")
    framework = implementation.partition(":")[0] in BACKENDS
    own = implementation if ":" in implementation and text != implementation else ""  # else that of which the layer is
    if "(" in text:
        return _of_reading(reading(text, rank=rank, dtype=dtype), own, "", dtype)
    if text not in SPECS:
        return _of_entry(_at(named(text), rank), own, "", rank, dtype)
    if not framework:
        return _neutral(implementation, text, rank)
    found = [entry for entry in entries_of(implementation) if entry.layer == text]
    if not found:
        raise Unsupported(f"{implementation} has no {text}")
    return _of_entry(_at(tuple(found), rank), implementation, "", rank, dtype)


def entries_of(implementation: str) -> tuple[Entry, ...]:
    """Give the entries of a framework that are of an implementation's variant. Keras' variants are backends, which have one dialect."""
    head, _, variant = implementation.partition(":")
    found = entries(head)
    variants = {entry.variant for entry in found}
    own = variant if variant in variants else "nnx" if "nnx" in variants else ""
    return tuple(entry for entry in found if entry.variant == own)


def _at(found: tuple[Entry, ...], rank: int | None) -> Entry:
    """Give the first entry that takes an x of the rank asked for, or of a small one."""
    return next((e for e in found if (rank or RANKS.get(e.layer, 3)) in e.ranks), found[0])


def _neutral(implementation: str, layer: str, rank: int | None) -> Subjected:
    """Ask for the first points of every field, with all parameters: what is built is another's affair."""
    shape = lengths(layer, rank or RANKS.get(layer, 3))
    spec = start(layer, shape, {})
    more = {name: True for name in ("scale", "shift") if hasattr(spec, name)}
    return Subjected(implementation, "", replace(spec, **more), shape, promised=False)


def of_entry(entry: Entry, implementation: str, dtypes: tuple[str, ...] = DTYPES) -> Subjected:
    """Ask for what an entry means by its defaults, in the first of these dtypes that it takes.

    Raises
    ------
    Unsupported
        Where it takes none.
    """
    for dtype in dtypes[:-1]:
        with suppress(Unsupported):
            return _of_entry(entry, implementation, "", None, dtype)
    return _of_entry(entry, implementation, "", None, dtypes[-1])


def _of_entry(entry: Entry, implementation: str, like: str, rank: int | None, dtype: str) -> Subjected:
    return _of_reading(_bare(entry, rank, dtype), implementation, like, dtype)


def _of_reading(read: Reading, implementation: str, like: str, dtype: str) -> Subjected:
    """Ask for what a reading means. Where another entry is built for what it means, the native layer is driven as itself."""
    asked, shape = _somewhere(read, dtype)
    dialect, _, variant = dialect_of(read.entry).partition(":")
    name = implementation or (f"{dialect}:{variant}" if variant else dialect)
    built, _ = native(entries(dialect), variant, asked, situation(shape, dtype))
    if built.native != read.entry.native and not like:
        return Subjected(_place(read.entry), read.entry.native, asked, shape, promised=True, dtype=dtype)
    return Subjected(name, like, asked, shape, promised=True, dtype=dtype)


def _place(entry: Entry) -> str:
    """Give where a native layer is imported from, as `module:object`, or as `module:class.method`."""
    module, _, name = entry.native.rpartition(".")
    outer, _, last = module.rpartition(".")
    module, name = (outer, f"{last}.{name}") if last[:1].isupper() else (module, name)
    return f"{'tensorflow' + module.removeprefix('tf') if module.partition('.')[0] == 'tf' else module}:{name}"


def _bare(entry: Entry, rank: int | None, dtype: str) -> Reading:
    """Give what a layer means by its defaults: at the rank asked for, or at a small one if it is a layer there, or at its usual one.

    Where its defaults are another kind of layer, it is as its dialect writes the first points of this one.
    """
    small = RANKS.get(entry.layer, 3)
    ranks = (rank,) if rank is not None else (small, None) if small in entry.ranks else (None,)
    written = without_sizes(entry, entry.write(typical(entry.layer), somewhere(usual_rank((entry,)))))
    refused: list[NormspecError] = []
    for arguments in (placeholders(entry), written):
        for n in ranks:
            try:
                return situated((entry,), arguments, rank=n, dtype=dtype)
            except NormspecError as reason:
                refused.append(reason)
    raise refused[len(ranks) - 1]


def _somewhere(read: Reading, dtype: str) -> tuple[Any, tuple[int, ...]]:
    """Give what a reading means on a small x on which its fields show."""
    rank, refused = len(read.situation.shape), ""
    tried = [read.situation.shape] if read.sized else []
    for shape in (*tried, *_shapes(read.spec, rank), read.situation.shape):
        try:
            spec = meaning(read.entry, read.arguments, situation(shape, dtype))
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


def situation(shape: tuple[int, ...], dtype: str) -> Situation:
    """Give the situation in which numbers are measured."""
    return Situation(shape=shape, dtype=dtype, parameter_dtype=dtype)
