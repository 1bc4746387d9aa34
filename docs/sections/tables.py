"""Tables in Markdown."""

from collections.abc import Iterable, Iterator


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Give a table in Markdown."""
    head = tuple(head)
    lines = (head, ("---",) * len(head), *(tuple(row) for row in rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Give rows whose cells have their bars escaped."""
    yield from (tuple(cell.replace("|", r"\|") for cell in row) for row in rows)


def title(layer: str) -> str:
    """Give a layer's name as a heading has it: RMS norm."""
    words = layer.replace("_", " ").replace("rms", "RMS")
    return words[0].upper() + words[1:]
