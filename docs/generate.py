"""Writes what the pages of docs/spec take from the code: `python docs/generate.py`, or `--check` to learn which pages are stale.

On a page, `<!-- generated: NAME -->` and `<!-- /generated -->` enclose what the section NAME gives; the rest is written by hand.
"""  # noqa: INP001 - a script

import re
import sys
from collections.abc import Callable
from math import frexp
from pathlib import Path
from typing import Any

from normspec import Clause, clauses
from normspec.layers import SPECS

ROOT = Path(__file__).resolve().parent.parent
MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def parameters(layer: str) -> str:
    """Give the table of a layer's semantic parameters."""
    rows = [f"| [`{_path(c)}`](#{c.id}) | {', '.join(f'`{_point(p)}`' for p in c.points)} | {c.sentence} |" for c in _of(layer) if c.points]
    return "\n".join(("| field | points | meaning |", "|---|---|---|", *rows))


def listed(layer: str) -> str:
    """Give the list of a layer's clauses, each with its anchor: those of the fields, in order, then the laws."""
    return "\n".join(f'- <a id="{c.id}"></a> **{c.id}** {c.sentence}' for c in _of(layer))


def definition(layer: str) -> str:
    """Give the normative algorithm."""
    return "```python\n" + (ROOT / f"tests/definitions/{layer}.py").read_text(encoding="utf-8") + "```"


SECTIONS: dict[str, Callable[[str], str]] = {"parameters": parameters, "clauses": listed, "definition": definition}


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
    return MARKED.sub(lambda m: m[1] + "\n" + SECTIONS[m[2]](page.stem) + "\n\n" + m[3], page.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> str | None:
    """Write the pages; with `--check`, give a message that names those that are stale instead."""
    if arguments not in ([], ["--check"]):
        return f"the one option is --check, got {' '.join(arguments)}"
    pages = [ROOT / f"docs/spec/{layer}.md" for layer in SPECS]
    stale = [page for page in pages if fresh(page) != page.read_text(encoding="utf-8")]
    if arguments:
        names = ", ".join(page.relative_to(ROOT).as_posix() for page in stale)
        return f"stale, to be written by python docs/generate.py: {names}" if stale else None
    for page in stale:
        page.write_text(fresh(page), encoding="utf-8", newline="\n")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
