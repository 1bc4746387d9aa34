"""`normspec grade`: how the error of each layer grows with the mean of x, as a table, and as lines of JSON where asked."""

import json
from dataclasses import asdict
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from normspec.conformance.grades.grade import Grade
from normspec.conformance.grades.ladder import SHAPES
from normspec.conformance.grades.run import Asked, grades
from normspec.conformance.subject import NotStarted
from normspec.dtypes import FLOATS
from normspec.errors import NotFound
from normspec.layers import spec_of

COLOURS = {"robust": "green", "standard": "green", "fast": "yellow", "none": "red"}
LEGEND = (
    "robust: the error does not grow with mean / deviation; standard: it grows with that; fast: with its square, as far as that can be "
    "judged; held: as far as the bound of standard is kept"
)


def grade_all(names: tuple[str, ...], layer: str | None, dtype: str | None, like: str, out: Path | None) -> int:
    """Print the grades of each implementation and give the exit code: 2 where one could not be started, 1 where an error grows faster."""
    console, codes = Console(emoji=False), [0]
    layers, dtypes = _layers(layer), _dtypes(dtype)
    kept = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out is not None and out.exists() else []
    for name in names:
        try:
            version, found = _measured(console, Asked(name=name, layers=layers, dtypes=dtypes, like=like))
        except NotStarted as error:
            click.echo(f"normspec: {error}", err=True)
            codes.append(2)
            continue
        console.print(_table(f"{escape(name)} {version}", found, dtypes))
        codes.append(1 if any(grade.level == "none" for grade in found) else 0)
        kept = [row for row in kept if row["implementation"] != name]
        kept += [{"implementation": name, "version": version, **asdict(grade)} for grade in found]
        if out is not None:
            out.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    return max(codes)


def _layers(layer: str | None) -> tuple[str, ...]:
    if layer is None:
        return tuple(SHAPES)
    name: str = spec_of(layer).layer  # type: ignore[attr-defined]  # every spec names it
    if name not in SHAPES:
        raise NotFound(f"layer must be one that takes the mean away, {', '.join(SHAPES)}, got {layer!r}: no other has digits to lose so")
    return (name,)


def _dtypes(dtype: str | None) -> tuple[str, ...]:
    if dtype not in (None, *FLOATS):
        raise NotFound(f"dtype must be one of {', '.join(FLOATS)}, got {dtype!r}")
    return (dtype,) if dtype else tuple(FLOATS)


def _measured(console: Console, asked: Asked) -> tuple[str, list[Grade]]:
    versions: list[str] = []
    with console.status(f"starting {asked.name}") as status:
        found = list(grades(asked, versions.append, lambda what: status.update(f"{asked.name} {versions[0]}: {what}")))
    return versions[0], found


def _table(title: str, found: list[Grade], dtypes: tuple[str, ...]) -> Table:
    table = Table("layer", "variance", "quantity", *dtypes, title=title, title_justify="left", caption=LEGEND)
    cells = {(g.layer, g.variance, g.quantity, g.dtype): g for g in found}
    for row in dict.fromkeys(key[:3] for key in cells):
        table.add_row(*row, *(_cell(cells.get((*row, dtype))) for dtype in dtypes))
    return table


def _cell(grade: Grade | None) -> str:
    if grade is None:
        return "-"
    reach = "held on no rung" if grade.held < 0 else f"held to 2^{grade.held}" + (f" of 2^{grade.top}" if grade.held < grade.top else "")
    seen = f" to 2^{grade.judged}" if grade.level == "fast" else ""
    return f"[{COLOURS[grade.level]}]{grade.level}{seen}[/{COLOURS[grade.level]}], {reach}"
