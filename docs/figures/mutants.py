"""The suite's score on its own mutants, as it is kept in `conformance/mutants/scores.json`. Every function gives a table in Markdown."""

from collections import Counter

from sections.tables import table

from normspec.conformance.mutants.table import by_clause, kept


def scores() -> str:
    """Give for every field and law how many of its mutants are killed."""
    rows = ((f"`{law}`", str(n), written, made) for law, n, written, made in by_clause())
    return table(("clause", "layers", "written, killed", "generated, killed"), rows)


def scores_of_layers() -> str:
    """Give for every layer how many of its mutants are killed."""
    return table(("layer", "written, killed", "generated, killed"), (_of(layer, outcomes) for layer, outcomes in kept().items()))


def _of(layer: str, outcomes: dict[str, str]) -> tuple[str, str, str]:
    met, killed = Counter(":" in name for name in outcomes), Counter(":" in name for name, outcome in outcomes.items() if "/" in outcome)
    return layer.replace("_", " "), *(f"{killed[made]} of {met[made]}" for made in (False, True))
