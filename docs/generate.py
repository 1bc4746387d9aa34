"""Writes what the pages take from the code: `python docs/generate.py`, or `--check` to learn which pages are stale.

On a page, `<!-- generated: NAME ARGUMENTS -->` and `<!-- /generated -->` enclose what the section NAME gives; the rest is written by hand.
"""  # noqa: INP001 - a script

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from math import frexp
from pathlib import Path
from typing import Any

import figures
from sections_of_findings import about, findings, of_framework
from sections_of_frameworks import frameworks, grades, lacking, native_layers
from sections_of_systems import systems

from normspec import Clause, clauses
from normspec.layers import SPECS

ROOT = Path(__file__).resolve().parent.parent
MARKED = re.compile(r"(<!-- generated: (\w+)(?: ([^\n>]+?))? -->\n).*?(<!-- /generated -->)", re.DOTALL)
WIDTH = 110
"""Columns of what commands print."""


def parameters(layer: str) -> str:
    """Give the table of a layer's semantic parameters."""
    fields = [(c, ", ".join(f"`{_point(p)}`" for p in c.points), c.sentence.replace("|", r"\|")) for c in _of(layer) if c.points]
    rows = [f"| [`{_path(c)}`](#{c.id}) | {points} | {sentence} |" for c, points, sentence in fields]
    return "\n".join(("| field | points | meaning |", "|---|---|---|", *rows))


def listed(layer: str) -> str:
    """Give the list of a layer's clauses, each with its anchor: those of the fields, in order, then the laws."""
    return "\n".join(f'- <a id="{c.id}"></a> **{c.id}** {c.sentence}' for c in _of(layer))


def definition(layer: str) -> str:
    """Give the normative algorithm."""
    return "```python\n" + (ROOT / f"tests/definitions/{layer}.py").read_text(encoding="utf-8") + "```"


def run(command: str) -> str:
    """Give what a command prints, standing under it."""
    environment = {**os.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S603 - commands that stand on our own pages
        [sys.executable, "-c", "import normspec.cli; normspec.cli.main()", *shlex.split(command.removeprefix("normspec "))],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert not done.stderr, f"{command}: {done.stderr}"
    shown = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
    return f"```text\n$ {command}\n{shown}\n```"


SECTIONS: dict[str, Callable[..., str]] = {
    "parameters": parameters,
    "clauses": listed,
    "definition": definition,
    "findings": lambda _: findings(),
    "findings_about": about,
    "findings_of": of_framework,
    "frameworks": lambda _: frameworks(),
    "grades": lambda _: grades(),
    "grades_of": grades,
    "lacking": lacking,
    "native_layers": native_layers,
    "run": run,
    "systems": lambda _: systems(),
    "figure": lambda name, *arguments: getattr(figures, name)(*arguments),
}
"""What gives a section: of a page of docs/spec its layer, of others the arguments that the page names."""


def _of(layer: str) -> tuple[Clause, ...]:
    return clauses(SPECS[layer])


def _path(clause: Clause) -> str:
    """Give the path of a clause's field, as one writes it in Python."""
    return clause.id.partition(".")[2].replace("-", "_")


def _point(point: Any) -> str:
    """Give a point as Python has it; a record by its name alone, for its fields have rows of their own."""
    if hasattr(point, "__dataclass_fields__"):
        return f"{type(point).__name__}(...)"
    if isinstance(point, float) and 0 < point < 2**-4 and frexp(point)[0] == 1 / 2:
        return f"2.0**{frexp(point)[1] - 1}"
    return repr(point)


def fresh(page: Path) -> str:
    """Give the text that a page must have."""

    def section(m: re.Match[str]) -> str:
        arguments = [page.stem] if m[3] is None else [m[3]] if m[2] == "run" else m[3].split()
        return f"{m[1]}\n{SECTIONS[m[2]](*arguments)}\n\n{m[4]}"

    return MARKED.sub(section, page.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> str | None:
    """Write the pages; with `--check`, give a message that names those that are stale instead."""
    if arguments not in ([], ["--check"]):
        return f"the one option is --check, got {' '.join(arguments)}"
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    stale = [page for page in pages if fresh(page) != page.read_text(encoding="utf-8")]
    if arguments:
        names = ", ".join(page.relative_to(ROOT).as_posix() for page in stale)
        return f"stale, to be written by python docs/generate.py: {names}" if stale else None
    for page in stale:
        page.write_text(fresh(page), encoding="utf-8", newline="\n")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
