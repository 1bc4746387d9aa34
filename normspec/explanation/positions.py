"""Where each framework's layers stand on a clause, computed by reading them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from normspec.clauses import Clause, clauses
from normspec.dialects import all_entries
from normspec.dialects.entry import Entry, Name
from normspec.explanation.influence import deciding
from normspec.explanation.relation import shown
from normspec.explanation.tried import field_at, tried
from normspec.layers import SPECS, Running
from normspec.translation.bare import bare, typical
from normspec.translation.call import required

AS_GIVEN = Name("as given")
"""Where a field stands that an argument decides which must be given."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where some layers stand on a field: the arguments that decide it, as they are by default, its value then, and how they do."""

    layers: tuple[str, ...]
    arguments: tuple[str, ...]
    value: Any
    relations: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One sentence: the clauses that say it, each with the place where it stands for good; of a field, its positions.

    `formula` is that of the layer, or that of the record, where it is one.
    """

    path: str
    links: Mapping[str, str]
    sentence: str
    formula: str
    positions: tuple[Position, ...]


def by_path(layer: str) -> dict[str, Clause]:
    """Give the clauses of a layer by the paths of their fields and the names of their laws."""
    return {clause.id.partition(".")[2].replace("-", "_"): clause for clause in clauses(SPECS[layer])}


def sections(paths: Mapping[str, Collection[str]]) -> tuple[Section, ...]:
    """Give the sections of these fields and laws, each in these layers; layers whose clauses say the same share one."""
    alike: dict[tuple[str, str], list[Clause]] = {}
    for path, layers in paths.items():
        for layer in (layer for layer in SPECS if layer in layers and path in by_path(layer)):
            clause = by_path(layer)[path]
            alike.setdefault((path, clause.sentence), []).append(clause)
    return tuple(_section(*key, found) for key, found in alike.items())


def link(clause: Clause) -> str:
    """Give the place in the documentation where a clause stands for good."""
    return f"docs/spec/{_layer(clause)}.md#{clause.id}"


def _layer(clause: Clause) -> str:
    return clause.id.partition(".")[0].replace("-", "_")


def _formula(layer: str, path: str) -> str:
    """Give the first line of the record that has the field, which is its formula; a law is a sentence only."""
    if not by_path(layer)[path].points:
        return ""
    record = Running if path.startswith("running.") else SPECS[layer]
    return (record.__doc__ or "").partition("\n")[0]


def _section(path: str, sentence: str, found: list[Clause]) -> Section:
    layers = {_layer(clause) for clause in found}
    formulas = {_formula(layer, path) for layer in layers}
    formula = formulas.pop() if len(formulas) == 1 else ""
    stand = tuple(of_entries([e for e in all_entries() if e.layer in layers], path)) if found[0].points else ()
    return Section(path=path, links={c.id: link(c) for c in found}, sentence=sentence, formula=formula, positions=stand)


def of_entries(entries: Iterable[Entry], path: str) -> Iterable[Position]:
    """Give the positions of layers on a field, those that stand alike together.

    A native one that is several layers, which stand differently, is told with which of them it is.
    """
    alike: dict[tuple[tuple[str, ...], str, tuple[str, ...]], list[Entry]] = {}
    for entry in entries:
        decide = deciding(entry, path)
        key = tuple(i.shown for i in decide), shown(_value(entry, path)), tuple(i.relation for i in decide)
        alike.setdefault(key, []).append(entry)
    stands = Counter(native for found in alike.values() for native in {e.native for e in found})
    for (arguments, _, relations), found in alike.items():
        names = dict.fromkeys(f"{e.native} ({e.layer})" if stands[e.native] > 1 else e.native for e in found)
        yield Position(layers=tuple(names), arguments=arguments, value=_value(found[0], path), relations=relations)


def _value(entry: Entry, path: str) -> Any:
    """Give a field as it is by default, or, where the record that it is in is there only if asked for, as it is then."""
    if any(len(i.arguments) == 1 and i.arguments[0] in required(entry) for i in deciding(entry, path)):
        return AS_GIVEN
    head = path.partition(".")[0]
    spec = bare(entry).spec
    return field_at(_with(entry, head) if head != path and getattr(spec, head) is None else spec, path)


def _with(entry: Entry, record: str) -> Any:
    """Give a layer that has a record, which it has not by default, with no more arguments than that takes."""
    written = entry.write(typical(entry.layer), bare(entry).situation)
    for n in range(1, len(written) + 1):
        for names in combinations(written, n):
            for found in tried(entry, {name: written[name] for name in names}):
                if getattr(found.spec, record) is not None:
                    return found.spec
    return bare(entry).spec  # it has none, whatever it is told
