"""The table of what tutorials get wrong, taken from the page itself: each erratum stands there once, with its source, code and clause."""

import re
from dataclasses import dataclass
from pathlib import Path

from normspec.layers import all_clauses
from sections.tables import table

PAGE = Path(__file__).resolve().parents[1] / "tutorials.md"
SECTION = re.compile(r'^<a id="([^"]+)"></a>\n\n### (.+?)\n(.*?)(?=^<a id=|^## |\Z)', re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^\*\*Said\*\* \((\[.+?\]\(#\S+\))\): (.+?)\n\n", re.MULTILINE | re.DOTALL)
SO = re.compile(r"^\*\*So it is\*\*: (.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CLAUSE = re.compile(r"\[([a-z-]+\.[a-z.-]+)\]\((spec/\S+?#\S+?)\)")
CITED = re.compile(r"\s\((?:\[[^\]]+\]\(spec/[^)]+\)(?:, )?)+\)")
"""Clauses in parentheses."""


@dataclass(frozen=True)
class Erratum:
    """What is said, by whom (links to the page's sources), what runs, what is so, and the clauses that say so, with their links."""

    anchor: str
    title: str
    sources: str
    said: str
    blocks: tuple[str, ...]
    so: str
    clauses: tuple[tuple[str, str], ...]


def errata(text: str) -> tuple[Erratum, ...]:
    """Read the errata of a page, in order; complain of one that lacks a part, runs nothing, or names no clause that there is."""
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    found = tuple(_read(*m.groups()) for m in SECTION.finditer(text))
    if [e.title for e in found] != headings:
        raise ValueError(f"each heading ### must follow its anchor: got {headings}, read {[e.title for e in found]}")
    return found


def tutorials() -> str:
    """Give the table: what is said, what is so, and the clause."""
    rows = (
        (f"[{e.title}](#{e.anchor})", _first(e.said), _first(e.so), "<br>".join(f"[{name}]({link})" for name, link in e.clauses))
        for e in errata(PAGE.read_text(encoding="utf-8"))
    )
    return table(("about", "what is said", "what is so", "clause"), rows)


def _read(anchor: str, title: str, body: str) -> Erratum:
    said, so, blocks = SAID.search(body), SO.search(body), tuple(BLOCK.findall(body))
    clauses = tuple(CLAUSE.findall(so[1])) if so else ()
    lacking = [
        what
        for what, there in (
            ("**Said** (sources): a claim", said),
            ("**So it is**: a statement", so),
            ("a python block that asserts", any("assert " in block for block in blocks)),
            ("a clause", clauses and all(name in all_clauses() and link.endswith(f"#{name}") for name, link in clauses)),
        )
        if not there
    ]
    if lacking or said is None or so is None:
        raise ValueError(f"the erratum {anchor!r} lacks: {', '.join(lacking)}")
    return Erratum(anchor, title, " ".join(said[1].split()), " ".join(said[2].split()), blocks, " ".join(so[1].split()), clauses)


def _first(text: str) -> str:
    """Give the first sentence, without its clauses, which have a column of their own."""
    return re.split(r"(?<=\.)\s", CITED.sub("", text))[0]
