"""`normspec audit`: the normalization layers of a model in neutral terms, their hazards, and where another framework's defaults differ."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from normspec.audit.audit import Difference, Row, audit, call_of
from normspec.clauses import clause_id
from normspec.cli.text import paragraph
from normspec.explanation.relation import shown
from normspec.layers import to_plain
from normspec.translation.bare import without_sizes


def audit_model(model: str, to: str | None, steps: int | None, *, as_json: bool) -> int:
    """Print the audit and give the exit code: 1 where there is a hazard, or a layer that is not known."""
    sys.path.append(str(Path.cwd()))  # last, so that a module of the user's is found and hides nothing
    rows = audit(model, to=to, steps=steps)
    click.echo(json.dumps([_plain(row) for row in rows], indent=2) if as_json else "\n".join(_told(rows)))
    return 1 if any(row.hazards or row.read is None for row in rows) else 0


def _told(rows: Sequence[Row]) -> Iterator[str]:
    """Give layers of which the same is to be said together."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault((_call(row), *_of(row)), []).append(row)
    for (call, *said), of in alike.items():
        yield paragraph(f"{', '.join(_printable(row.name) or '(the model itself)' for row in of)}: {_printable(call)}", hang=2)
        yield from said
        yield ""
    unknown = sum(row.read is None for row in rows)
    counted = [_counted(len(rows), "normalization layer"), _counted(sum(len(row.hazards) for row in rows), "hazard")]
    yield ", ".join([*counted, f"{unknown} not known"] if unknown else counted)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _call(row: Row) -> str:
    """Give the native call, with variables for lengths, which many that are alike need not have in common."""
    read = row.read
    return row.call if read is None else call_of(read, without_sizes(read.entry, read.arguments))


def _flat(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give every field of a spec by its path."""
    for f in fields(record):
        value = getattr(record, f.name)
        if is_dataclass(value):
            yield from _flat(value, f"{path}{f.name}.")
        else:
            yield path + f.name, value


def _of(row: Row) -> Iterator[str]:
    """Say what a layer means, where it differs, and what is hazardous."""
    if row.read is None:
        yield paragraph(f"not known: {_printable(row.reason)}", 2, 2)
        return
    meant = ", ".join(f"{path} = {shown(value)}" for path, value in _flat(row.read.spec))
    yield paragraph(f"{row.read.spec.layer}: {meant}", 2, 2)
    yield from _differs(row.difference, row.read.spec)
    for hazard in row.hazards:
        where = f" ({_printable(hazard.name)})" if hazard.name != row.name else ""
        yield paragraph(f"hazard {hazard.kind}{where}: {hazard.sentence} {hazard.remedy} [{hazard.clause}]", 2, 2)


def _differs(difference: Difference | None, spec: Any) -> Iterator[str]:
    if difference is None:
        return
    if difference.reason:
        yield paragraph(difference.reason, 2, 2)
    elif not difference.fields:
        yield paragraph(f"{difference.native} means the same by its defaults", 2, 2)
    else:
        yield paragraph(f"{difference.native} has by its defaults", 2, 2)
        yield from (f"    {clause_id(spec, path)} = {shown(there)}, not {shown(here)}" for path, here, there in difference.fields)


def _printable(text: str) -> str:
    """Give a text, which may come from anywhere, without what a terminal would obey, and not without end."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:400])


def _plain(row: Row) -> dict[str, Any]:
    difference = row.difference and {
        "native": row.difference.native,
        "reason": row.difference.reason,
        "fields": [{"path": path, "here": shown(here), "there": shown(there)} for path, here, there in row.difference.fields],
    }
    return {
        "name": row.name,
        "call": row.call,
        "spec": None if row.read is None else to_plain(row.read.spec),
        "reason": row.reason,
        "hazards": [vars(hazard) for hazard in row.hazards],
        "difference": difference,
    }
