"""`normspec identify`: the point measured, field by field, beside the one asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from normspec.clauses import clause_id
from normspec.cli.asked import Subjected, situation, subjected
from normspec.conformance.identification.identify import identify
from normspec.conformance.identification.options import value_at
from normspec.conformance.identification.records import Evidence, Identified
from normspec.conformance.identification.search import fields_of
from normspec.conformance.subject import Answer, Subject
from normspec.load import BACKENDS, deviations
from normspec.normal import normal
from normspec.records import Case

PERMITS = ("variance", "statistics_dtype")
"""Fields whose later points allow more: to be more accurate than promised breaks no clause."""


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
        replace(situation(what.shape), dtype=dtype, parameter_dtype=parameter)
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
