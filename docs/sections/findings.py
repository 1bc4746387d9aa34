"""What the pages say of findings: all of them, the gravest first, and those of a framework with their reproductions."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from normspec.deviation import GRAVITIES, Deviation
from normspec.load import BACKENDS
from normspec.load import findings as declared
from sections.tables import table

ROOT = Path(__file__).resolve().parents[2]
HEAD = ("finding", "size", "clause", "where", "upstream")


def findings() -> str:
    """Give every declared deviation of every framework in tables, one for each gravity; rows of one reproduction stand together."""
    rows = [row for name in BACKENDS for row in declared(name)]
    lines = []
    for gravity, words in GRAVITIES.items():
        lines += [f"## {words}\n", table(HEAD, summaries(row for row in rows if row.gravity == gravity)) + "\n"]
    return "\n".join(lines).rstrip()


def about(*words: str) -> str:
    """Give the declared deviations whose id has one of these words, or whose clause is of one, for a page a folder down."""
    every = (row for name in BACKENDS for row in declared(name))
    rows = [row for row in every if any(word in row.id or word == row.clause.partition(".")[2] for word in words)]
    rows.sort(key=lambda row: tuple(GRAVITIES).index(row.gravity))
    return table(HEAD[:-1], (cells[:-1] for cells in summaries(rows, "../")))


def summaries(rows: Iterable[Deviation], up: str = "") -> Iterator[tuple[str, ...]]:
    """Give the cells of rows, those that one script shows of one clause together, on a page in a folder that is `up` below the docs'."""
    own: dict[tuple[str, str], list[Deviation]] = {}
    for row in rows:
        own.setdefault((row.reproduction, row.clause), []).append(row)
    return (_summary(alike, up) for alike in own.values())


def _summary(alike: list[Deviation], up: str) -> tuple[str, ...]:
    row = alike[0]
    more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
    where = dict.fromkeys(name for one in alike for name in (one.implementations or (framework_of(one),)))
    return (
        f"[{_cell(row.title)}]({up}frameworks/{framework_of(row)}.md#{row.id}){more}, [script]({up}findings/{Path(row.reproduction).name})",
        _cell(row.size),
        _clause(row, up),
        f"{', '.join(where)} {row.versions}",
        _tracked(row.upstream),
    )


def framework_of(row: Deviation) -> str:
    """Give the framework that a row is of."""
    return next(name for name in sorted(BACKENDS, key=len, reverse=True) if row in declared(name))


def _tracked(upstream: str) -> str:
    return "no" if upstream.startswith("none found") else f"yes: {upstream}"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _clause(row: Deviation, up: str) -> str:
    return f"[{row.clause}]({up}spec/{row.clause.partition('.')[0].replace('-', '_')}.md#{row.clause})"


def of_framework(name: str) -> str:
    """Give every declared deviation of a framework, each reproduction under the first row that it shows."""
    shown: set[str] = set()
    lines = []
    for row in sorted(declared(name), key=lambda row: tuple(GRAVITIES).index(row.gravity)):
        lines += [_finding(row), _reproduction(row, again=row.reproduction in shown)]
        shown.add(row.reproduction)
    return "\n".join(lines).rstrip() or "None."


def _finding(row: Deviation) -> str:
    where = ", ".join(row.implementations) or framework_of(row)
    source = f"[{row.source}]({row.source})" if row.source.startswith("https://") else f"`{row.source}`"
    lines = (
        f'### <a id="{row.id}"></a> {row.title}\n',
        f"- gravity: {GRAVITIES[row.gravity].lower()}",
        f"- clause: {_clause(row, '../')}",
        f'- promise: "{row.promise}" ({source})',
        f"- seen: {row.size}",
        f"- where: {where} {row.versions} on a CPU, {', '.join(dict.fromkeys(x for x, _ in row.dtypes))}; reviewed {row.reviewed}",
        f"- upstream: {row.upstream}",
        *_earlier(row),
    )
    return "\n".join(lines) + "\n"


def _earlier(row: Deviation) -> Iterator[str]:
    """Say whether a row's reproduction happened in the releases before, where that was looked at (docs/earlier.py)."""
    kept = json.loads((ROOT / "docs/earlier.json").read_text(encoding="utf-8"))
    found = {key: ran for key, ran in kept.items() if key.partition("@")[0] == row.id}
    said = {
        ran["release"]: {"yes": "it happens, too", "no": "it does not happen"}.get(ran["happens"], ran["happens"]) for ran in found.values()
    }
    if said:
        yield "- before: " + "; ".join(f"with {release} {what}" for release, what in said.items())


def _reproduction(row: Deviation, *, again: bool) -> str:
    link = f"[Reproduction](../findings/{Path(row.reproduction).name})"
    if again:
        return f"{link}, the one above.\n"
    script = (ROOT / row.reproduction).read_text(encoding="utf-8")
    return f"{link}:\n\n```py\n{script}```\n"
