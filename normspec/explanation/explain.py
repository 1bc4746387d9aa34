"""What a word means: the clauses that it is about, and where each framework stands on them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from normspec.dialects import all_entries
from normspec.dialects.entry import Entry
from normspec.errors import NotFound
from normspec.explanation.influence import decided
from normspec.explanation.pages import PAGES
from normspec.explanation.positions import Position, Section, by_path, of_entries, sections
from normspec.explanation.said import arguments_of, as_argument, as_array, as_said, own_name, plainly
from normspec.explanation.words import ARRAYS, EVERYDAY, LAYERS, MODES
from normspec.layers import SPECS, all_clauses
from normspec.translation.bare import placeholders
from normspec.translation.find import full

Rows = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Something, what a framework has for it, and the layers that have it so."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What is said about a word: what it is, pages with the answer in short, clauses, our arrays and theirs, modes, and whole layers.

    `layers` has for each native layer its positions on every field.
    """

    word: str
    about: tuple[str, ...]
    pages: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    arrays: Rows = ()
    modes: Rows = ()
    layers: tuple[tuple[str, tuple[tuple[str, Position], ...]], ...] = ()


def explain(word: str) -> Explanation:
    """Give what a word means: a clause id, a field, a layer, a native layer, argument or array, or a word that people use for one.

    Raises
    ------
    NotFound
        Where nothing here has the word; the message names the nearest.
    """
    asked = word.strip()
    for of in (_clause, _layer, _native, _word):
        found = of(asked)
        if found is not None:
            return found
    near = ", ".join(get_close_matches(plainly(asked), words(), 4, 0.4)) or "none"
    raise NotFound(f"word must be a clause, a field, a layer, or what a framework calls one, got {word!r}; the nearest are {near}")


def words() -> tuple[str, ...]:
    """Give every word that is known."""
    entries = all_entries()
    ours = [*all_clauses(), *(path for layer in SPECS for path in by_path(layer)), *SPECS, *LAYERS, *ARRAYS, *EVERYDAY, *MODES]
    theirs = [name for e in entries for name in (*arguments_of(e), *e.names.values(), e.native.rpartition(".")[2], *_asked(e))]
    return tuple(dict.fromkeys((*ours, *theirs)))


def _clause(word: str) -> Explanation | None:
    clause = all_clauses().get(word.lower())
    if clause is None:
        return None
    layer, _, path = clause.id.partition(".")
    return Explanation(
        word=word,
        about=("a clause",),
        pages=_pages([path.replace("-", "_")]),
        sections=sections({path.replace("-", "_"): [layer.replace("-", "_")]}),
    )


def _layer(word: str) -> Explanation | None:
    layer = LAYERS.get(plainly(word), plainly(word))
    if layer not in SPECS:
        return None
    own = tuple(e for e in all_entries() if e.layer == layer)
    about = f"a layer: {(SPECS[layer].__doc__ or '').partition(chr(10))[0]}", ", ".join(dict.fromkeys(e.native for e in own))
    brief = tuple(replace(section, formula="", positions=()) for section in sections(dict.fromkeys(by_path(layer), (layer,))))
    return Explanation(word=word, about=about, sections=brief, arrays=_names(own), modes=_modes(own))


def _native(word: str) -> Explanation | None:
    """Explain native layers by their names, or the ends of them, in any case."""
    end = f".{full(word)}"
    alike = tuple(e for e in all_entries() if f".{full(e.native)}".lower().endswith(end.lower()))
    own = tuple(e for e in alike if f".{full(e.native)}".endswith(end)) or alike  # two may differ in capitals alone
    if not own:
        return None
    about = tuple(f"{e.native}: {e.layer}, versions {e.versions}, x of rank {_ranks(e)}; {e.source}" for e in own)
    sheets = tuple((_title(e), tuple((path, p) for path in _fields(e) for p in of_entries([e], path) if _is_there(path, p))) for e in own)
    return Explanation(word=word, about=about, layers=sheets, arrays=_names(own), modes=_modes(own))


def _title(entry: Entry) -> str:
    """Give an entry's native name; of one that stands for several layers, which this is, and what it must be told for that."""
    if all(e.layer == entry.layer for e in all_entries() if e.native == entry.native):
        return entry.native
    told = [f"{n}={v!r}" for n, v in placeholders(entry).items() if isinstance(v, int) and not decided(entry, n)]
    return f"{entry.native} as {entry.layer}" + (f", with {', '.join(told)}" if told else "")


def _is_there(path: str, position: Position) -> bool:
    """Tell whether a layer has a field: not one of a record that it cannot have."""
    return position.value is not None or "." not in path


def _word(word: str) -> Explanation | None:
    plain, entries = plainly(word), all_entries()
    having = [e for e in entries if plain in map(plainly, arguments_of(e))]
    naming = [e for e in entries if plain in map(plainly, e.names.values())]
    arrays = {ours for e in naming for ours, theirs in e.names.items() if plainly(theirs) == plain} | ({plain} & set(ARRAYS))
    modes = {mode for e in entries for mode, how in e.modes.items() if plain in _tokens(e, how)} | {
        MODES.get(plain, plain)
    } & _known_modes()
    by_argument = [(path, e.layer) for e in having for path in decided(e, own_name(e, plain))]
    commonest = Counter(path for path, _ in by_argument)
    paths = {path: set(SPECS) for path in EVERYDAY.get(plain, ())}  # what people mean comes before what else an argument does
    paths |= {path: {layer for at, layer in by_argument if at == path} for path, _ in commonest.most_common() if path not in paths}
    whole = [
        *(path for layer in SPECS for path in by_path(layer) if plain in (path, path.rpartition(".")[2])),
        *(path for ours in ARRAYS if ours in arrays for path in ARRAYS[ours]),
        *_about_modes(modes),
    ]
    paths |= {path: set(SPECS) for path in whole}
    if not (paths or having or modes):
        return None
    return Explanation(
        word=word,
        about=(*as_argument(plain, having, of_modes=bool(modes)), *as_array(naming, arrays), *as_said(plain, modes)),
        pages=_pages((*modes, *list(paths)[:1])),
        sections=sections(paths),
        arrays=tuple(row for row in _names(entries) if row[0] in arrays),
        modes=tuple(row for row in _modes(entries) if row[0] in modes),
    )


def _pages(about: Iterable[str]) -> dict[str, str]:
    """Give the pages on modes or on the field that a word is about before all, each with its answer in short."""
    return {page: answer for page, those, answer in PAGES if set(those) & set(about)}


def _about_modes(modes: Iterable[str]) -> Iterator[str]:
    """Give the fields and laws whose sentences name one of these modes."""
    for layer in SPECS:
        for path, clause in by_path(layer).items():
            if any(re.search(rf"\b{mode}\b", clause.sentence) for mode in modes):
                yield path


def _names(entries: Iterable[Entry]) -> Rows:
    return _grouped((ours, theirs, e.native) for e in entries for ours, theirs in e.names.items())


def _modes(entries: Iterable[Entry]) -> Rows:
    """Give how modes are asked for, of layers that do not do the same in all."""
    return _grouped((mode, how, e.native) for e in entries if len(set(e.modes.values())) > 1 for mode, how in e.modes.items())


def _grouped(rows: Iterable[tuple[str, str, str]]) -> Rows:
    alike: dict[tuple[str, str], list[str]] = {}
    for ours, theirs, native in rows:
        alike.setdefault((ours, theirs), []).append(native)
    order = list(dict.fromkeys(ours for ours, _ in alike))
    return tuple((ours, theirs, tuple(alike[ours, theirs])) for ours, theirs in sorted(alike, key=lambda key: order.index(key[0])))


def _fields(entry: Entry) -> list[str]:
    return [path for path, clause in by_path(entry.layer).items() if clause.points]


def _known_modes() -> set[str]:
    return {mode for e in all_entries() for mode in e.modes}


def _asked(entry: Entry) -> Iterator[str]:
    for how in entry.modes.values():
        yield from _tokens(entry, how)


def _tokens(entry: Entry, how: str) -> list[str]:
    """Give the names in code that says how a mode is asked for: keywords, what is assigned to, and attributes that not all modes need."""
    attributes = [name for name in re.findall(r"\.(\w+)", how) if any(f".{name}" not in other for other in entry.modes.values())]
    return [plainly(name) for name in (*attributes, *re.findall(r"(\w+) ?=", how))]


def _ranks(entry: Entry) -> str:
    ranks = entry.ranks
    return f"{ranks.start}" if len(ranks) == 1 else f"{ranks.start} to {ranks.stop - 1}"
