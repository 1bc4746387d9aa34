"""Writes what the pages take from the code: `python docs/generate.py [PAGE ...]`, or `--check` to learn which pages are stale.

On a page, `<!-- generated: NAME ARGUMENTS -->` and `<!-- /generated -->` enclose what the section NAME gives; the rest is written by hand.
"""  # noqa: INP001 - a script

import re
import sys
from collections.abc import Callable
from math import frexp
from pathlib import Path
from typing import Any

import figures
from sections.bounds import kinds
from sections.clauses import editions, listed, traceability
from sections.findings import about, findings, of_framework
from sections.frameworks import frameworks, grades, lacking, native_layers
from sections.layers import positions, table_of_layers, traps, verdicts
from sections.limits import limits
from sections.pictures import axes, errors, grades_seen
from sections.porting import checklist, ways
from sections.ran import ran
from sections.systems import systems
from sections.tried import taken, tried_calls, tried_commands
from sections.tutorials import tutorials

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


def definition(layer: str) -> str:
    """Give the normative algorithm."""
    return "```python\n" + (ROOT / f"tests/definitions/{layer}.py").read_text(encoding="utf-8") + "```"


def run(command: str) -> str:
    """Give what a command prints, standing under it."""
    done = ran(command.removeprefix("normspec "), columns=WIDTH)
    assert not done.stderr, f"{command}: {done.stderr}"
    shown = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
    return f"```text\n$ {command}\n{shown}\n```"


SECTIONS: dict[str, Callable[..., str]] = {
    "parameters": parameters,
    "axes": axes,
    "checklist": checklist,
    "clauses": listed,
    "definition": definition,
    "editions": lambda _: editions(),
    "errors": errors,
    "findings": lambda _: findings(),
    "findings_about": about,
    "findings_of": of_framework,
    "frameworks": lambda _: frameworks(),
    "grades": lambda _: grades(),
    "grades_of": grades,
    "grades_of_layer": lambda layer: grades(layer=layer),
    "grades_seen": grades_seen,
    "kinds": lambda _: kinds(),
    "lacking": lacking,
    "layers": lambda _: table_of_layers(),
    "limits": lambda _: limits(),
    "native_layers": native_layers,
    "positions": positions,
    "run": run,
    "systems": lambda _: systems(),
    "taken": lambda _: taken(),
    "traceability": lambda _: traceability(),
    "traps": traps,
    "tried_calls": tried_calls,
    "tried_commands": tried_commands,
    "tutorials": lambda _: tutorials(),
    "verdicts": verdicts,
    "ways": ways,
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
    """Write the pages, or those that are named; with `--check`, give a message that names those that are stale instead."""
    check, named = "--check" in arguments, [Path(a).resolve() for a in arguments if a != "--check"]
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    unknown = ", ".join(map(str, named)) if not set(named) <= set(pages) else ""
    if unknown:
        return f"a page must be README.md or one of docs, got {unknown}"
    texts = {page: (page.read_text(encoding="utf-8"), fresh(page)) for page in named or pages}
    stale = {page: text for page, (found, text) in texts.items() if text != found}
    if check and stale:
        return f"stale, to be written by python docs/generate.py: {', '.join(page.relative_to(ROOT).as_posix() for page in stale)}"
    for page, text in stale.items():
        page.write_text(text, encoding="utf-8", newline="\n")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
