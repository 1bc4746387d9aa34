"""The score of the suite: for each mutant and layer, whether a check fails, and whether it cites the clause of the fault."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from normspec.clauses import clause_id
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import Check, judge
from normspec.conformance.mutants.implementation import implementation_of
from normspec.conformance.mutants.record import Mutant, names
from normspec.conformance.subject import Answer
from normspec.layers import SPECS
from normspec.records import Case

Fate = Literal["killed", "misblamed", "survives", "nowhere"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a mutant of a layer: the first check that failed as the fate says, and the clauses that it cites.

    A mutant is `killed` where a check fails that cites the clause of its fault, `misblamed` where checks fail and none of them does,
    and `nowhere` where no case has the fault: `played` counts those that have.
    """

    mutant: str
    layer: str
    fate: Fate
    case: str = ""
    quantity: str = ""
    clauses: tuple[str, ...] = ()
    played: int = 0


def layers_of(mutant: Mutant) -> tuple[str, ...]:
    """Give the layers that a mutant may be of."""
    return tuple(name for name, spec in SPECS.items() if names(spec, mutant.law) and (not mutant.layers or name in mutant.layers))


def score(mutant: Mutant, layer: str) -> Result:
    """Play the cases of a layer, those about the fault's clause first, until a check fails that cites it."""
    law = clause_id(SPECS[layer], mutant.law)
    wrong: Check | None = None
    played = 0
    for case in _in_order(layer, law, mutant.dtypes):
        checks = judged(mutant, case)
        failing = [check for check in checks if check.verdict == "fails"]
        played += any(check.verdict != "unsupported" for check in checks)
        for check in failing:
            if law in check.clauses:
                return _result(mutant, layer, "killed", played, check)
        wrong = wrong or (failing[0] if failing else None)
    return _result(mutant, layer, ("misblamed" if wrong else "survives") if played else "nowhere", played, wrong)


def judged(mutant: Mutant, case: Case) -> tuple[Check, ...]:
    """Give the checks of a mutant in a case: none where it has no such layer."""
    if not mutant.lives_in(case.spec, case.situation):
        return ()
    with np.errstate(all="ignore"):  # wrong layers divide by zero and worse
        return tuple(judge(case, Answer(*answer_to(case, implementation_of(mutant)))))


def kills(mutant: Mutant, case: Case) -> bool:
    """Tell whether a check of a case fails that cites the clause of a mutant's fault."""
    law = clause_id(case.spec, mutant.law)
    return any(check.verdict == "fails" and law in check.clauses for check in judged(mutant, case))


def _in_order(layer: str, law: str, dtypes: tuple[str, ...]) -> Iterator[Case]:
    """Give the cases about a clause, then those of the quick profile, then all others."""
    chosen = [case for case in cases(layer=layer) if case.situation.dtype in dtypes]
    yield from sorted(chosen, key=lambda case: (case.clause != law, not case.quick))


def _result(mutant: Mutant, layer: str, fate: Fate, played: int, check: Check | None) -> Result:
    if check is None:
        return Result(mutant=mutant.id, layer=layer, fate=fate, played=played)
    return Result(mutant=mutant.id, layer=layer, fate=fate, case=check.case, quantity=check.quantity, clauses=check.clauses, played=played)
