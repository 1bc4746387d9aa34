"""What the pages say of frameworks: each native layer, its point in the space of meanings, what is lacking, and grades."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from earlier import PACKAGES

from normspec import clauses
from normspec.conformance.grades.levels import LEVELS
from normspec.deviation import GRAVITIES
from normspec.dialects import DIALECTS, entries
from normspec.dialects.entry import Entry
from normspec.dtypes import FLOATS
from normspec.explanation.positions import of_entries
from normspec.layers import SPECS
from normspec.load import BACKENDS, findings
from normspec.translation.call import required
from sections.tables import escaped, table

ROOT = Path(__file__).resolve().parents[2]
PINNED = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line)


def frameworks() -> str:
    """Give the table of frameworks: what was judged, how many native layers, kinds that are lacking, findings by gravity."""
    rows = []
    for name in DIALECTS:
        found = [row.gravity for row in (findings(name) if name in BACKENDS else ())]
        counts = (str(found.count(gravity) or "-") for gravity in GRAVITIES)
        natives = len({entry.native for entry in entries(name)})
        rows.append(
            (
                f"[{name}](frameworks/{name}.md)",
                versions(name) if name in BACKENDS else "not driven",
                str(natives),
                ", ".join(_lacking(name)) or "nothing",
                *counts,
            )
        )
    return table(("framework", "judged", "native layers", "lacks", *(words.partition(",")[0] for words in GRAVITIES.values())), rows)


def versions(name: str) -> str:
    """Give the versions that a framework is judged in, with those that it depends on; of one that is not pinned, those of its findings."""
    packages = (package.removesuffix("-cpu") for package in PACKAGES.get(name, (name,)))
    own = ", ".join(sorted({row.versions for row in findings(name)}))
    return ", ".join(f"{package} {PINNED.get(package, own)}" for package in packages)


def lacking(name: str) -> str:
    """Say in which versions a framework is judged, and what it lacks."""
    none = ", ".join(f"`{layer}`" for layer in _lacking(name))
    driven = f"Judged: {versions(name)}, on a CPU." if name in BACKENDS else "Not driven: translated from and to."
    return f"{driven} It lacks {none or 'none of the layers here'}."


def _lacking(name: str) -> list[str]:
    return [layer for layer in SPECS if not any(entry.layer == layer for entry in entries(name))]


def native_layers(name: str) -> str:
    """Give each native layer of a framework with its point by default, and what decides each field; those that are alike together."""
    lines = []
    for layer in SPECS:
        alike: dict[str, list[Entry]] = defaultdict(list)
        for entry in (entry for entry in entries(name) if entry.layer == layer):
            alike[_point(entry)].append(entry)
        lines += [f"### [{layer}](../spec/{layer}.md)\n"] if alike else []
        for point, found in alike.items():
            lines += [*(_described(entry) for entry in found), "", point, ""]
    return "\n".join(lines).rstrip()


def _described(entry: Entry) -> str:
    ranks = f"{entry.ranks.start}" if len(entry.ranks) == 1 else f"{entry.ranks.start} to {entry.ranks.stop - 1}"
    told = [*required(entry), *(f"{name}={value!r}" for name, value in entry.defaults.items())]
    arrays = ", ".join(f"{ours} is `{theirs}`" for ours, theirs in entry.names.items())
    parts = [f"`{entry.native}({', '.join(told)})`", f"{entry.versions}, x of rank {ranks}", *([arrays] if arrays else [])]
    return f"- {'; '.join(parts)}; [documented]({entry.source})"


def _point(entry: Entry) -> str:
    """Give the table of a layer's fields: by default, and how its arguments decide them."""
    page, rows = f"../spec/{entry.layer}.md", []
    for clause in (clause for clause in clauses(SPECS[entry.layer]) if clause.points):
        path = clause.id.partition(".")[2].replace("-", "_")
        (position,) = of_entries([entry], path)
        rows.append((f"[{path}]({page}#{clause.id})", f"`{position.value!r}`", "; ".join(f"`{one}`" for one in position.relations) or "-"))
    return table(("field", "by default", "decided by"), escaped(rows))


def grades(of: str = "", layer: str = "") -> str:
    """Give the grades that were measured, of all, of a framework or of a layer: the lowest of its quantities, dtype by dtype."""
    rows: dict[tuple[str, ...], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for line in (ROOT / "docs/grades.jsonl").read_text(encoding="utf-8").splitlines():
        grade = json.loads(line)
        if of in ("", grade["implementation"].partition(":")[0]) and layer in ("", grade["layer"]):
            named = "{implementation} {version}".format(**grade), grade["layer"], grade["variance"]
            rows[named][grade["dtype"]].append(grade)
    told = [(*row, *(_graded(by[dtype]) for dtype in FLOATS)) for row, by in rows.items()]
    if told:
        return table(("implementation", "layer", "variance", *FLOATS), told)
    return "None: grades are of batch, layer, instance, group and mean-variance norm and of weight standardization."


def _graded(quantities: list[dict[str, Any]]) -> str:
    if not quantities:
        return "-"
    level = max((grade["level"] for grade in quantities), key=(*LEVELS, "none").index)
    held, top = (min(grade[end] for grade in quantities) for end in ("held", "top"))
    seen = f" to 2^{min(grade['judged'] for grade in quantities)}" if level == "fast" else ""
    return f"{level}{seen}, " + ("on no rung" if held < 0 else f"2^{held}" + (f" of 2^{top}" if held < top else ""))
