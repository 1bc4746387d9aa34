"""Results: one JSON object a line, written as they come, so that nothing finished is lost.

Keyed by clause and case id, never by a test runner's names. Numbers that are not finite are strings, as JSON has none.
"""

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from normspec.conformance.judge import Check

SCHEMA = 1


def plain(value: Any) -> Any:
    """Give a value as JSON can hold it."""
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


class Results:
    """A file of results, begun anew; each line is on its way to the disk before the next case is asked for."""

    def __init__(self, path: Path, head: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.head, self.rows = path, {"schema": SCHEMA, **head}, 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)

    def add(self, check: Check, seconds: float) -> None:
        """Append one check."""
        row = {**self.head, **{name: plain(value) for name, value in vars(check).items()}, "seconds": round(seconds, 6)}
        os.write(self._file, json.dumps(row, allow_nan=False).encode() + b"\n")
        self.rows += 1

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of a file. A last line that was cut off by a kill is left out."""
    for line in path.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
