"""What a word is, before what it means: an argument of layers, an array, a word that people use."""

import re
from collections.abc import Iterable, Iterator

from normspec.dialects.entry import Entry
from normspec.explanation.influence import decided
from normspec.explanation.words import EVERYDAY


def plainly(word: str) -> str:
    """Give a word in lower case, its spaces and hyphens as underscores."""
    return re.sub(r"[\s-]+", "_", word.strip().lower())


def arguments_of(entry: Entry) -> tuple[str, ...]:
    """Give every argument of a native layer."""
    return tuple(dict.fromkeys((*entry.positional, *entry.needed, *entry.defaults, *entry.fixed, *entry.free)))


def own_name(entry: Entry, plain: str) -> str:
    """Give the argument that is plainly this word, as its layer writes it."""
    return next(name for name in arguments_of(entry) if plainly(name) == plain)


def as_argument(plain: str, having: Iterable[Entry], *, of_modes: bool) -> Iterator[str]:
    """Say what layers do with an argument of this name."""
    named = [(e, own_name(e, plain)) for e in having]
    telling = {e.native for e, name in named if decided(e, name)}
    placed = {e.native for e, name in named if name not in e.fixed}
    said: dict[str, list[str]] = {}
    for e, name in named:
        if name in e.fixed and e.native in placed:  # as another layer it takes other values
            continue
        tells = e.native in telling or (of_modes and name not in e.fixed)
        said.setdefault("an argument of" if tells else _as_silent(e, name), []).append(e.native)
    return (f"{kind} {', '.join(dict.fromkeys(natives))}" for kind, natives in said.items())


def _as_silent(entry: Entry, name: str) -> str:
    """Say what an argument is that decides no field."""
    if name in entry.fixed:
        return f"an argument that has no place among the points here where it is not {entry.fixed[name]!r}, of"
    if name in entry.needed:
        return f"an argument that asks for {entry.layer}, of"
    if name in entry.of_shards:
        return "an argument that says how shards of x are taken together, of"
    return "an argument that says nothing of meaning, of" if name in entry.free else "an argument that decides no field, of"


def as_array(naming: Iterable[Entry], arrays: Iterable[str]) -> Iterator[str]:
    """Say which arrays of ours a name is for, in the layers that have it."""
    if arrays:
        yield f"an array, here {', '.join(sorted(arrays))}" + (f", of {', '.join(e.native for e in naming)}" if naming else "")


def as_said(plain: str, modes: Iterable[str]) -> Iterator[str]:
    """Say what people mean by a word."""
    if plain in EVERYDAY:
        yield f"a word for what stands here under {', '.join(EVERYDAY[plain])}"
    if modes:
        yield f"a word about modes: here {', '.join(sorted(modes))}"
