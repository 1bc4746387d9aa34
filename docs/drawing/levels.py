"""What grades.jsonl has of float32: the level of every layer of every implementation."""

import json
from pathlib import Path

from normspec.conformance.grades.levels import LEVELS

KEPT = Path(__file__).resolve().parents[1] / "grades.jsonl"
DTYPE = "float32"
ALL = (*LEVELS, "none")
Levels = dict[str, dict[str, dict[str, str]]]
"""By implementation, layer and point of `variance`."""


def levels() -> Levels:
    """Give the lowest level of y, the cotangent of x and the running variance."""
    found: Levels = {}
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["dtype"] == DTYPE:
            of = found.setdefault(row["implementation"], {}).setdefault(row["layer"], {})
            of[row["variance"]] = max(row["level"], of.get(row["variance"], row["level"]), key=ALL.index)
    frameworks = [name.partition(":")[0] for name in found]
    return dict(sorted(found.items(), key=lambda row: frameworks.index(row[0].partition(":")[0])))


def words() -> str:
    """Say what the picture shows: the implementations by their lowest level."""
    by: dict[str, list[str]] = {level: [] for level in ALL}
    for name, of in levels().items():
        by[max((level for points in of.values() for level in points.values()), key=ALL.index)].append(name)
    told = "; ".join(f"{level}: {', '.join(names)}" for level, names in by.items() if names)
    return f"Grades in {DTYPE}, implementations by layers. The lowest of each implementation is {told}. The table below has them all."
