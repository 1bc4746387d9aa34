"""`normspec explain`: what a word means, and where each framework stands. It imports no array library: an answer is for a conversation."""

from collections.abc import Iterator

import rich_click as click

from normspec.cli.text import columns, layers, paragraph
from normspec.edition import EDITION
from normspec.explanation.explain import Explanation, explain
from normspec.explanation.positions import Position, Section
from normspec.explanation.relation import shown

BUILT_IN = "built in"
"""What stands in an argument's place where no argument decides."""
MADE = (" - ", " / ", "sqrt(")
"""What is in a relation in which the field is made of the argument, and is not the argument itself."""


def explain_word(word: str) -> None:
    """Print what a word means."""
    click.echo("\n".join(_lines(explain(word))).strip("\n"))


def _lines(found: Explanation) -> Iterator[str]:
    for about in found.about:
        yield paragraph(about, hang=4)
    for page, answer in found.pages.items():
        yield "\n" + paragraph(answer)
        yield f"  {page}"
    for native, stand in found.layers:
        yield f"\n{native}"
        rows = [(argument, value) for path, p in stand for argument, value in _stand(path, p)]
        yield columns(sorted(rows, key=lambda row: row[0] == BUILT_IN))
    if found.modes:
        yield "\nHow modes are asked for"
        for mode, how, natives in found.modes:
            yield from _of(f"{mode}: {how}", natives, alone=len(found.layers) == 1)
    if found.arrays:
        yield "\nNames of arrays, here and there"
        for ours, theirs, natives in found.arrays:
            yield from _of(f"{ours}: {theirs}", natives, alone=len(found.layers) == 1)
    for section in found.sections:
        yield from _section(section)
    yield from (_citation(clause, place) for section in found.sections[:1] for clause, place in list(section.links.items())[:1])


def _citation(clause: str, place: str) -> str:
    """Give the line by which a clause is cited: docs/cite.md."""
    return f"\nTo cite: normspec {EDITION}, {clause}\n  {place}"


def _section(section: Section) -> Iterator[str]:
    yield "\n" + paragraph(", ".join(section.links))
    yield paragraph(section.sentence, 2)
    if section.formula:
        yield paragraph(section.formula, 2)
    yield from (f"  {link}" for link in section.links.values())
    for p in section.positions:
        yield ""
        yield paragraph(layers(p.layers), 2, 2)
        yield columns(_stand(section.path, p), 6)


def _stand(path: str, p: Position) -> list[tuple[str, str]]:
    """Give a row for each argument that decides a field, or one for none."""
    value = f"{path} = {shown(p.value)}"
    if not p.arguments:
        return [(BUILT_IN, value)]
    return [
        (argument, f"{how}, by default {shown(p.value)}" if "=" in argument and any(made in how for made in MADE) else how)
        for argument, how in zip(p.arguments, p.relations, strict=True)
    ]


def _of(head: str, natives: tuple[str, ...], *, alone: bool) -> Iterator[str]:
    yield paragraph(head, 2, 2)
    if not alone:
        yield paragraph(layers(natives), 6)
