"""Keeps what was judged, for the pages: `python docs/verdicts.py results/*.jsonl`, of files that `normspec judge` wrote.

docs/verdicts.jsonl has a line for each implementation and layer: how many checks conform, deviate and fail, by dtype and by clause. What
is kept of an implementation is replaced by what is given.
"""  # noqa: INP001 - a script

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from normspec.conformance.results import read

KEPT = Path(__file__).with_name("verdicts.jsonl")
TOLD = ("conforms", "deviates", "fails")
"""What is counted: a check that is unsupported was not made."""


def of_file(path: Path) -> Iterator[dict[str, Any]]:
    """Give a line for each layer that a file of results has verdicts of."""
    dtypes: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    by_clause: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    head: dict[str, Any] = {}
    for row in (row for row in read(path) if row["verdict"] in TOLD):
        head = {name: row[name] for name in ("implementation", "version", "device")}
        dtypes[row["layer"]][row["dtype"]][row["verdict"]] += 1
        for clause in row["clauses"]:
            by_clause[row["layer"]][clause.partition(".")[2]][row["verdict"]] += 1
    date = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    for layer, counts in dtypes.items():
        yield {**head, "date": date, "layer": layer, "dtypes": _plain(counts), "clauses": _plain(by_clause[layer])}


def _plain(counts: dict[str, Counter[str]]) -> dict[str, list[int]]:
    """Give counts as a list of those in `TOLD`."""
    return {name: [found[verdict] for verdict in TOLD] for name, found in sorted(counts.items())}


def kept() -> list[dict[str, Any]]:
    """Give the lines that are kept."""
    return [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()] if KEPT.exists() else []


def main(paths: Iterable[str]) -> None:
    """Write what is kept anew, with the given files in it."""
    new = [line for path in paths for line in of_file(Path(path))]
    given = {line["implementation"] for line in new}
    others = (line for line in kept() if line["implementation"] not in given)
    lines = sorted((*others, *new), key=lambda line: (line["implementation"], line["layer"]))
    KEPT.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
