"""`normspec diff`: the fields in which two layers differ, whose argument each is, and what it does to numbers alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import lcm

import rich_click as click

from normspec.clauses import clause_id, differences
from normspec.cli.text import columns, paragraph
from normspec.cli.translate import OF_CHANNELS, OF_SIZES, amount, by_size
from normspec.conformance.translations.effects import OTHERS, SIZES, Off, labels, of_fields, of_one_value, state
from normspec.conformance.translations.stated import has_sizes
from normspec.errors import InvalidInput
from normspec.explanation.influence import decided, deciding
from normspec.explanation.relation import shown
from normspec.explanation.tried import Influence
from normspec.layers import all_clauses
from normspec.normal import normal
from normspec.translation.bare import bare, usual
from normspec.translation.reading import reading
from normspec.translation.situated import Reading
from normspec.translation.translate import text

Effects = dict[int, dict[str, dict[str, Off] | None]]
"""What each field does to each line, by the number of values per statistic."""


def diff_calls(first: str, second: str, layer: str | None, rank: int | None) -> None:
    """Print how two calls differ, or, where a layer is given, how the defaults of two dialects do."""
    a, b = _calls(first, second, rank) if layer is None else _defaults(first, second, layer, rank)
    if a.spec.layer != b.spec.layer:
        raise InvalidInput(f"calls must be of one layer, got a {a.spec.layer} and a {b.spec.layer}")
    click.echo("\n".join(_told(a, b, [] if layer is None else [*_made_up(a), *_made_up(b)])))


def _calls(first: str, second: str, rank: int | None) -> tuple[Reading, Reading]:
    """Read both at the rank given, or at one that both take."""
    a, b = reading(first, rank=rank), reading(second, rank=rank)
    if rank is None:
        a = reading(first, others=(b.entry.ranks,))
        b = reading(second, rank=len(a.situation.shape))
    return a, b


def _defaults(first: str, second: str, layer: str, rank: int | None) -> tuple[Reading, Reading]:
    entries = [usual(dialect, layer, rank or 4) for dialect in (first, second)]
    return bare(entries[0], rank or 4), bare(entries[1], rank or 4)


def _made_up(of: Reading) -> Iterator[str]:
    """Give the numbers that have no default, and that decide a field."""
    return (name for name, value in of.arguments.items() if isinstance(value, int | float) and decided(of.entry, name))


def _told(a: Reading, b: Reading, made_up: Iterable[str]) -> Iterator[str]:
    yield f"a  {text(a.entry, a.arguments)}"
    yield f"b  {text(b.entry, b.arguments)}"
    yield from (f"   {name} has no default: its value is made up" for name in made_up)
    at = replace(a.situation, shape=tuple(map(lcm, a.situation.shape, b.situation.shape)))  # what groups divide, they divide in multiples
    effects: Effects = {n: of_fields(a.spec, b.spec, at, n) for n in SIZES}
    differ = list(differences(normal(a.spec, at), normal(b.spec, at)))
    lines = labels(*{**state(a.spec, at), **state(b.spec, at)})
    for path, x, y in differ:
        yield f"\n{clause_id(a.spec, path)}"
        yield columns([("a", shown(x), _arguments(a, path)), ("b", shown(y), _arguments(b, path))])
        if path == "one_value":
            yield columns([("n = 1, in training", f"a: {of_one_value(a.spec, at)}; b: {of_one_value(b.spec, at)}")])
        clause = all_clauses()[clause_id(a.spec, path)]
        yield from _effect({n: effects[n][path] for n in SIZES}, {} if path == "one_value" else lines, permits=clause.permits)
    yield (
        f"\n{_counted(len(differ))} for x of rank {len(at.shape)} in {at.dtype}."
        if differ
        else f"\nThe same for x of rank {len(at.shape)}."
    )
    if differ:
        on = OF_SIZES if has_sizes(a.spec, len(at.shape)) else OF_CHANNELS
        yield paragraph(f"Each field is told alone: a, with only that field as b has it, against a. {on}.")


def _counted(n: int) -> str:
    return "1 field differs" if n == 1 else f"{n} fields differ"


def _arguments(of: Reading, path: str) -> str:
    """Say what decides a field, with what is given for it or else its default."""
    return ", ".join(dict.fromkeys(said for found in deciding(of.entry, path) for said in _said(of, found))) or "built in"


def _said(of: Reading, found: Influence) -> Iterator[str]:
    known = {**of.entry.defaults, **of.arguments}
    yield from [f"{name}={known[name]!r}" for name in found.arguments] or [found.shown]


def _effect(found: dict[int, dict[str, Off] | None], lines: Mapping[str, str], *, permits: bool) -> Iterator[str]:
    """Say what a field does to each of these lines, which are called so."""
    told = {n: effect for n, effect in found.items() if effect is not None}
    if len(told) < len(found):
        yield "  no layer has it so with all else as a"
    elif apart := next((off.quantity for off in told[SIZES[0]].values() if off.quantity in OTHERS), ""):
        yield f"  {OTHERS[apart]}: not to be compared on one x"
    elif permits:
        yield "  no other truth: only how far a result may be from it"
    else:
        rows = [row for line, label in lines.items() for row in by_size(label, {n: amount(effect[line]) for n, effect in told.items()})]
        yield from [columns(rows)] if rows else []
