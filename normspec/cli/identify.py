"""`normspec identify`: the point measured, field by field, beside the one asked for."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import is_dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from normspec.clauses import clause_id
from normspec.cli.asked import DTYPES, Subjected, entries_of, of_entry, situation, subjected
from normspec.conformance.identification.identify import identify
from normspec.conformance.identification.options import value_at
from normspec.conformance.identification.records import Ask, Evidence, Identified
from normspec.conformance.identification.search import fields_of
from normspec.conformance.subject import Answer, Subject
from normspec.errors import Unsupported
from normspec.load import BACKENDS, deviations
from normspec.normal import normal
from normspec.records import Case

SAME = ("yes", "more accurate", "not told apart", "-")
Row = tuple[str, str, str, str]
PERMITS = ("variance", "statistics_dtype")
"""Fields whose later points allow more: to be more accurate than promised breaks no clause."""


def identify_one(implementation: str, layer: str | None, like: str, rank: int | None, timeout: float = 60.0) -> int:
    """Print what an implementation is found to be and give the exit code: 1 where that is not what was asked for."""
    console = Console(emoji=False)
    if layer is None and not like and implementation.partition(":")[0] in BACKENDS:
        return _every(console, implementation, timeout)
    what = subjected(implementation, layer, like, rank)
    with _started(console, what, timeout) as (version, ask):
        what, found, earlier = measured(what, lambda: subjected(implementation, layer, like, rank, DTYPES[1:]), ask)
    rows = list(rows_of(what, found))
    console.print(_table(what, version, rows))
    for line in (*_notes(what, found, version), *earlier):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0 if is_as_asked(found, rows) and not earlier else 1


def measured(what: Subjected, narrower: Callable[[], Subjected], ask: Ask) -> tuple[Subjected, Identified, tuple[str, ...]]:
    """Give what was asked and what was found: in a narrower dtype where in the first no point explains all, if one does there.

    What is then said of the first is the last of what is given; nothing where there is no such layer in that dtype.
    """
    try:
        found = identify(what.asked, what.shape, ask, what.dtype)
    except Unsupported:
        if what.dtype == DTYPES[-1]:
            raise
        other = narrower()
        return other, identify(other.asked, other.shape, ask, other.dtype), ()
    if (found.spec is not None and not found.dtypes) or what.dtype == DTYPES[-1]:
        return what, found, ()
    other = narrower()
    again = identify(other.asked, other.shape, ask, other.dtype)
    if again.spec is None or again.dtypes:
        return what, found, ()
    why = ", ".join(dict.fromkeys((*(where.partition(": ")[2] for where in found.where), *found.dtypes)))
    return other, again, (f"all this is in {other.dtype}; in {what.dtype} it matches no known point, for {why}",)


def is_as_asked(found: Identified, rows: Iterable[Row]) -> bool:
    """Tell whether a layer was found to be what was asked for."""
    return found.spec is not None and not found.dtypes and all(row[3] in SAME for row in rows)


@contextmanager
def _started(console: Console, what: Subjected, timeout: float) -> Iterator[tuple[str, Ask]]:
    """Give the version of an implementation in its own process, and what asks it."""
    with TemporaryDirectory() as folder, ExitStack() as ending:
        log = ending.enter_context((Path(folder) / "log").open("wb"))
        subject = ending.enter_context(closing(Subject(what.name, log, timeout=timeout, like=what.like)))
        status = ending.enter_context(console.status(f"starting {what.name}"))
        version = subject.start()["version"]

        def ask(case: Case) -> Answer:
            status.update(f"{what.name} {version}: {case.id}")
            return subject.play(case)

        yield version, ask


def _every(console: Console, implementation: str, timeout: float) -> int:
    """Print a row for each layer that a framework has, and give the exit code."""
    table = Table(
        "layer", "fields", "recovered", "differs", "not told apart", title=f"{escape(implementation)}, every layer by its defaults"
    )
    codes = [0]
    for entry in entries_of(implementation):
        what = of_entry(entry, implementation)
        with _started(console, what, timeout) as (_, ask):
            what, found, earlier = measured(what, partial(of_entry, entry, implementation, DTYPES[1:]), ask)
        rows = list(rows_of(what, found))
        said = [*(f"{row[0]} = {row[1]}" for row in rows if row[3] == "no"), *(f"{name} is {how}" for name, how in found.dtypes.items())]
        said += [] if found.spec is not None else [f"no known point: {', '.join(found.where)}"]
        alike = [row[0] for row in rows if row[3] == "not told apart"]
        same = sum(row[3] in ("yes", "more accurate") for row in rows)
        table.add_row(f"{entry.native} ({entry.layer})", str(len(rows)), str(same), "; ".join((*said, *earlier)), ", ".join(alike))
        codes.append(0 if is_as_asked(found, rows) and not earlier else 1)
    console.print(table)
    return max(codes)


def rows_of(what: Subjected, found: Identified) -> Iterator[Row]:
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
        replace(situation(what.shape, what.dtype), dtype=dtype, parameter_dtype=parameter)
        for dtype, parameter in ((what.dtype, what.dtype), ("float16", "float32"), ("float16", "float16"))
    ]
    return all(value_at(normal(what.asked, s), path) == value_at(normal(nearest, s), path) for s in pairs)


def _said(value: Any, evidence: Evidence | None = None) -> str:
    text = "kept" if is_dataclass(value) else "none" if value is None else repr(value)
    if evidence is None or evidence.least is None or evidence.most is None:
        return text
    return f"{text} ({evidence.least:.4g} to {evidence.most:.4g})" if evidence.most - evidence.least > 1e-6 * evidence.most else text


def _table(what: Subjected, version: str, rows: list[Row]) -> Table:
    name = f"{what.name} like {what.like}" if what.like else what.name
    table = Table(title=f"{escape(name)} {version}: {what.asked.layer} on an x of shape {what.shape}", title_justify="left")
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
    yield from (f"{name} is {how}, in some dtypes of x: no field says that" for name, how in found.dtypes.items())
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
