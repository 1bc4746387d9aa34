"""`normspec identify`: the point measured, field by field, beside the one asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from normspec.clauses import clause_id
from normspec.conformance.identification.identify import identify
from normspec.conformance.identification.options import start, value_at
from normspec.conformance.identification.records import Evidence, Identified
from normspec.conformance.identification.search import fields_of
from normspec.conformance.subject import Answer, Subject
from normspec.dialects import dialect_of, entries
from normspec.dialects.entry import Entry, native
from normspec.errors import NormspecError, NotFound, Unsupported
from normspec.layers import SPECS
from normspec.layers.geometry import per_statistic
from normspec.load import BACKENDS, deviations
from normspec.normal import normal
from normspec.records import Case, Situation
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
PERMITS = ("variance", "statistics_dtype")
"""Fields whose later points allow more: to be more accurate than promised breaks no clause."""


@dataclass(frozen=True)
class Subjected:
    """What is identified: the implementation's name, the native layer it is like, the spec asked for and whether it is a promise."""

    name: str
    like: str
    asked: Any
    shape: tuple[int, ...]
    promised: bool


def identify_one(implementation: str, layer: str | None, like: str, rank: int | None, timeout: float = 60.0) -> int:
    """Print what an implementation is found to be and give the exit code: 1 where that is not what was asked for."""
    console = Console()
    what = subjected(implementation, layer, like, rank)
    with TemporaryDirectory() as folder, ExitStack() as ending:
        log = ending.enter_context((Path(folder) / "log").open("wb"))
        subject = ending.enter_context(closing(Subject(what.name, log, timeout=timeout, like=what.like)))
        status = ending.enter_context(console.status(f"starting {what.name}"))
        version = subject.start()["version"]

        def ask(case: Case) -> Answer:
            status.update(f"{what.name} {version}: {case.id}")
            subject.ask(case)
            return subject.answer()

        found = identify(what.asked, what.shape, ask)
    rows = list(_rows(what, found))
    console.print(_table(what, version, rows))
    for line in _notes(what, found, version):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0 if found.spec is not None and all(row[3] in SAME for row in rows) else 1


def subjected(implementation: str, layer: str | None, like: str, rank: int | None) -> Subjected:
    """Give what the arguments of the command mean.

    Raises
    ------
    NotFound
        Where they name no layer.
    """
    if like:
        return _native(implementation, like, like, rank)
    if "(" in implementation:
        return _native("", "", implementation, rank)
    if layer is None:
        raise NotFound(f"layer must be given for {implementation}: one of {', '.join(SPECS)}, or a native layer or call, got none")
    if layer not in SPECS:
        return _native(implementation if implementation.partition(":")[0] not in BACKENDS else "", "", layer, rank)
    if implementation.partition(":")[0] in BACKENDS:
        return _native("", "", _of_framework(implementation, layer), rank)
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


def _native(implementation: str, like: str, text: str, rank: int | None) -> Subjected:
    """Ask for what a native layer means, by its defaults or with the arguments given, at this rank of x."""
    if "(" in text:
        read = reading(text, rank=rank, dtype="float64")
    else:
        known = named(text)
        entry = next((e for e in known if (rank or RANKS.get(e.layer, 3)) in e.ranks), known[0])
        read = bare(entry, rank or (RANKS.get(entry.layer, 3) if RANKS.get(entry.layer, 3) in entry.ranks else None))
    asked, shape = _somewhere(read)
    name = implementation or dialect_of(read.entry)
    _must_be(read.entry, asked, shape)
    return Subjected(name, like, asked, shape, promised=True)


def _must_be(entry: Entry, asked: Any, shape: tuple[int, ...]) -> None:
    """Refuse where what is built for the spec would be another layer than the one that was named."""
    dialect, _, variant = dialect_of(entry).partition(":")
    built, _ = native(entries(dialect), variant, asked, _situation(shape))
    if built.native != entry.native:
        raise Unsupported(f"{entry.native} means what {built.native} means, and that is built: name it, or give module:object --like it")


def _somewhere(read: Reading) -> tuple[Any, tuple[int, ...]]:
    """Give what a reading means on a small x on which its fields show, in float64."""
    rank, refused = len(read.situation.shape), ""
    tried = [read.situation.shape] if read.sized else []
    for shape in (*tried, *_shapes(read.spec, rank), read.situation.shape):
        try:
            spec = meaning(read.entry, read.arguments, _situation(shape))
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


def _situation(shape: tuple[int, ...]) -> Situation:
    return Situation(shape=shape, dtype="float64", parameter_dtype="float64")


SAME = ("yes", "more accurate", "not told apart", "-")
Row = tuple[str, str, str, str]


def _rows(what: Subjected, found: Identified) -> Iterator[Row]:
    """Give clause, measured, asked and whether they are the same, of every field."""
    asked = what.asked.at_rank(len(what.shape))
    by_path = {row.path: row for row in found.evidence}
    both = dict.fromkeys((*fields_of(found.nearest), *fields_of(asked)))
    for path in both:
        here, there = value_at(found.nearest, path), value_at(asked, path)
        if is_dataclass(here) and is_dataclass(there):
            continue  # its fields have rows of their own
        told = "not told apart" if path in found.undecided else _same(what, found, path, by_path.get(path))
        yield clause_id(asked, path), _said(here, by_path.get(path)), _said(there) if what.promised else "-", told


def _same(what: Subjected, found: Identified, path: str, evidence: Evidence | None) -> str:
    if not what.promised:
        return "-"
    here, there = value_at(found.nearest, path), value_at(what.asked.at_rank(len(what.shape)), path)
    inside = (
        evidence is not None and evidence.least is not None and there is not None and evidence.least <= there <= (evidence.most or there)
    )
    if here == there or inside or _alike(what, found.nearest, path):
        return "yes"
    order = ("two_pass", "one_pass") if path == "variance" else ("widened", "input", "float32")
    return "more accurate" if path in PERMITS and order.index(here) < order.index(there) else "no"


def _alike(what: Subjected, nearest: Any, path: str) -> bool:
    """Tell whether a field says the same in the normal form of both in every dtype."""
    pairs = [
        replace(_situation(what.shape), dtype=dtype, parameter_dtype=parameter)
        for dtype, parameter in (("float64", "float64"), ("float16", "float32"), ("float16", "float16"))
    ]
    return all(value_at(normal(what.asked, s), path) == value_at(normal(nearest, s), path) for s in pairs)


def _said(value: Any, evidence: Evidence | None = None) -> str:
    text = "kept" if is_dataclass(value) else "none" if value is None else repr(value)
    if evidence is None or evidence.least is None or evidence.most is None:
        return text
    return f"{text} ({evidence.least:.4g} to {evidence.most:.4g})" if evidence.most - evidence.least > 1e-6 * evidence.most else text


def _table(what: Subjected, version: str, rows: list[Row]) -> Table:
    name = f"{what.name} like {what.like}" if what.like else what.name
    table = Table(title=f"{name} {version}: {what.asked.layer} on an x of shape {what.shape}", title_justify="left")
    for column in ("clause", "measured", "asked", "same"):
        table.add_column(column, no_wrap=column == "clause")
    for row in rows:
        colour = {"no": "red", "not told apart": "yellow"}.get(row[3], "green")
        table.add_row(row[0], row[1], row[2], f"[{colour}]{row[3]}[/{colour}]")
    return table


def _notes(what: Subjected, found: Identified, version: str) -> Iterator[str]:
    if found.spec is None:
        yield f"it matches no known point; the one above is the nearest, {found.away:.3g} bounds away:"
        yield from (f"  {off:.3g} bounds in {where}" for where, off in list(found.where.items())[:4])
    else:
        yield f"every quantity of {found.probes} probes is within bounds of this point, {found.away:.2g} at most"
    for path, points in found.undecided.items():
        values = dict.fromkeys(_said(value_at(point, path)) for point in points)
        yield f"{clause_id(what.asked, path)} is not told apart here from {', '.join(values)}"
    for probe, why in found.lacking.items():
        yield f"not seen: {probe}: {why}"
    rows = (
        [] if what.like else [row for row in deviations(what.name) if row.is_of(version)] if what.name.partition(":")[0] in BACKENDS else []
    )
    declared = [row.id for row in rows if row.clause.partition(".")[0] == clause_id(what.asked, "output").partition(".")[0]]
    if declared:
        yield f"deviations are declared of this layer: {', '.join(declared)}"
