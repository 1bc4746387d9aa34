"""The suite's score on its own mutants, kept in `scores.json`: `python -m normspec.conformance.mutants.table` writes it anew.

It takes minutes, and so is no part of a test: tests play each mutant in the one case that is kept here.
"""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from normspec.clauses import clause_id
from normspec.conformance.mutants import MUTANTS
from normspec.conformance.mutants.generated import generated
from normspec.conformance.mutants.record import Mutant
from normspec.conformance.mutants.score import layers_of, score
from normspec.layers import SPECS, all_clauses

SCORES = Path(__file__).with_name("scores.json")


@cache
def mutants_of(layer: str) -> dict[str, Mutant]:
    """Give every mutant of a layer by its id: those written, then those generated."""
    return {mutant.id: mutant for mutant in (*(m for m in MUTANTS if layer in layers_of(m)), *generated(layer))}


def kept() -> dict[str, dict[str, str]]:
    """Give what is kept: layer -> mutant -> the case by which it is killed, or its fate where it is not."""
    found: dict[str, dict[str, str]] = json.loads(SCORES.read_text(encoding="utf-8"))
    return found


def written() -> str:
    """Give the scores as they must be."""
    found = {layer: {name: _outcome(mutant, layer) for name, mutant in mutants_of(layer).items()} for layer in SPECS}
    return json.dumps(found, indent=1) + "\n"


def _outcome(mutant: Mutant, layer: str) -> str:
    result = score(mutant, layer)
    return result.case if result.fate == "killed" else result.fate


def by_clause() -> Iterator[tuple[str, int, str, str]]:
    """Give each field and law, how many layers have it, and how many of its mutants are killed, of those written and of those generated."""
    layers = Counter(clause.partition(".")[2] for clause in all_clauses())
    killed, met = Counter[tuple[str, bool]](), Counter[tuple[str, bool]]()
    for layer, outcomes in kept().items():
        for name, outcome in outcomes.items():
            law = clause_id(SPECS[layer], mutants_of(layer)[name].law).partition(".")[2]
            met[law, ":" in name] += 1
            killed[law, ":" in name] += "/" in outcome
    for law, n in layers.items():
        of_written, of_made = (f"{killed[law, made]} of {met[law, made]}" if met[law, made] else "" for made in (False, True))
        yield law, n, of_written, of_made


if __name__ == "__main__":
    SCORES.write_text(written(), encoding="utf-8", newline="\n")
