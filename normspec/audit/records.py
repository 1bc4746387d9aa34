"""What is read of a model, whatever it comes from: its layers as they are written, and which follow one another."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from normspec.dialects import entries as entries_of
from normspec.dialects.entry import Entry
from normspec.lint import Node

LIKE_A_NORM = re.compile(r"norm|lrn|standardiz|whiten", re.IGNORECASE)
"""What is in the name of a normalization layer."""

Shape = tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A normalization layer as it is written: its name in the model, its native name, and its arguments by the entries of that.

    Where no dialect has it, there are no entries, and `reason` says why. `shape` is that of its x, as far as it is known.
    """

    name: str
    native: str
    entries: tuple[Entry, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    shape: Shape | None = None
    reason: str = ""


Item = Written | Node


@dataclass(frozen=True, kw_only=True)
class Model:
    """The framework of a model, its normalization layers in the order in which they are found, and sequences of layers.

    In a sequence each layer takes what the one before gives, and nothing else does.
    """

    framework: str
    layers: tuple[Written, ...]
    sequences: tuple[Sequence[Item], ...] = ()


def is_like_a_norm(name: str) -> bool:
    """Tell whether a name is that of a normalization layer."""
    return bool(LIKE_A_NORM.search(name))


def exactly(dialect: str, native: str) -> tuple[Entry, ...]:
    """Give the entries of a dialect for a native layer by its full name, or by another of its names."""
    return tuple(entry for entry in entries_of(dialect) if native in (entry.native, *entry.also))


def unknown(name: str, native: str, reason: str, shape: Shape | None = None) -> Written:
    """Give a normalization layer that no dialect has."""
    return Written(name=name, native=native, reason=reason, shape=shape)


def back_from(name: str, before: Mapping[str, str], items: Mapping[str, Item]) -> Iterator[Item]:
    """Give a layer, the one before it, and so on, as far as each takes what one other gives to it alone, and up to another norm."""
    seen: set[str] = set()
    while name in items and name not in seen:
        yield items[name]
        if seen and isinstance(items[name], Written):
            return
        seen.add(name)
        name = before.get(name, "")


def sequences_to(norms: Iterable[str], before: Mapping[str, tuple[str, ...]], items: Mapping[str, Item]) -> Iterator[tuple[Item, ...]]:
    """Give the sequence that ends at each of these layers, of a graph in which each layer takes what others give."""
    takers: dict[str, int] = {}
    for others in before.values():
        for other in others:
            takers[other] = takers.get(other, 0) + 1
    alone = {name: others[0] for name, others in before.items() if len(others) == 1 and takers[others[0]] == 1}
    for name in norms:
        yield tuple(back_from(name, alone, items))[::-1]
