"""The clauses that have been published, as `docs/spec/clauses.tsv` keeps them: since which edition, and what superseded them."""

import csv
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).parents[1] / "spec" / "clauses.tsv"


class Published(NamedTuple):
    """A clause as it was published; `superseded_by` is the id of the clause that took its place, if one did."""

    clause: str
    since: str
    superseded_by: str
    sentence: str


def published() -> dict[str, Published]:
    """Give every published clause by its id."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        _, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row[0]: Published(*row) for row in rows}


def level(sentence: str) -> str:
    """Give the strongest word of a sentence: MUST binds, SHOULD recommends, MAY permits."""
    return next(word for word in ("MUST", "SHOULD", "MAY") if word in sentence)
