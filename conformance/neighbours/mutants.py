"""Mutants: layers of a neighbouring meaning, and whether the cases tell each of them from the one asked.

`score` gives what became of every one. A mutant that no case kills must be equivalent: no number that the oracle gives may tell it
from the layer asked, in a thousand cases and more. Or it is permitted, where it only computes in a wider dtype and no check fails.
Any other is a survivor, and a case is missing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from normspec.clauses import Clause
from normspec.conformance.bounds.standardize import roundoff
from normspec.conformance.cases import cases
from normspec.conformance.expectation import dtypes_of
from normspec.conformance.judge import judge
from normspec.conformance.neighbours.alternative import Alternative, Shown
from normspec.conformance.neighbours.alternatives import kinds, of_clause
from normspec.conformance.oracle import truth
from normspec.conformance.subject import Answer
from normspec.conformance.wire import named
from normspec.records import Case

ENOUGH = 1000
"""Cases in which a mutant must be the same as the layer asked to be called equivalent."""
MOST = 40
"""Seeds that are asked for them."""
ALIKE = 1e-20
"""Relative difference below which two quantities are the same but for the oracle's rounding."""

Fate = Literal["killed", "equivalent", "permitted", "survivor"]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One known-wrong meaning and what became of it: the case and the quantity that killed it, or why none did."""

    clause: str
    label: str
    fate: Fate
    case: str = ""
    quantity: str = ""
    why: str = ""


def score(layer: str) -> tuple[Mutant, ...]:
    """Give every mutant of a layer; it is killed where a check fails in some case of the full profile and cites its clause."""
    return tuple(fate_of(layer, clause, label) for clause, label in kinds(layer))


def summed(mutants: tuple[Mutant, ...]) -> str:
    """Give the score in a line."""
    found = Counter(mutant.fate for mutant in mutants)
    others = ", ".join(f"{found[fate]} {fate}" for fate in ("equivalent", "permitted"))
    return f"{found['killed']} of {found['killed'] + found['survivor']} mutants killed; {others}"


def _offered(chosen: tuple[Case, ...], clause: Clause, label: str) -> Iterator[tuple[Case, Alternative]]:
    """Give the cases that have such a mutant, those about the clause first."""
    for case in sorted(chosen, key=lambda case: case.clause != clause.id):
        yield from ((case, found) for found in of_clause(case, clause) if found.label == label)


def fate_of(layer: str, clause: Clause, label: str) -> Mutant:
    """Judge a mutant in the cases that have it; by a value that it shows, if one of those about the clause can do so."""
    absent, moved, alike, better = None, "", 0, True
    for case, alternative in _offered(cases(layer=layer), clause, label):
        if absent is not None and case.clause != clause.id:
            break
        shown = alternative.shown()
        if shown is None or not _differs(case, shown):
            alike += shown is not None
            continue
        failing = [check for check in judge(case, answer_of(case, shown)) if check.verdict == "fails"]
        moved, better = moved or case.id, better and not failing and _computes_wider(case, alternative)
        for check in failing:
            if clause.id in check.clauses:
                killed = Mutant(clause=clause.id, label=label, fate="killed", case=case.id, quantity=check.quantity)
                if check.quantity in shown.seen:
                    return killed
                absent = absent or killed
    if absent is not None:
        return absent
    if moved and better:
        return Mutant(clause=clause.id, label=label, fate="permitted", case=moved, why="it computes in a wider dtype than asked")
    if moved:
        return Mutant(clause=clause.id, label=label, fate="survivor", case=moved, why="no check that cites the clause fails")
    return _equivalent(layer, clause, label, alike)


def _equivalent(layer: str, clause: Clause, label: str, alike: int) -> Mutant:
    """Look at other numbers, too, before a mutant that differs in no case is called equivalent."""
    for seed in range(1, MOST):
        if alike >= ENOUGH:
            break
        for case, alternative in _offered(cases(layer=layer, seed=seed), clause, label):
            shown = alternative.shown()
            if shown is not None and _differs(case, shown):
                return Mutant(clause=clause.id, label=label, fate="survivor", case=case.id, why="it differs there")
            alike += shown is not None
    fate: Fate = "equivalent" if alike >= ENOUGH else "survivor"
    why = "the clause only permits" if clause.permits else "the oracle tells no difference"
    return Mutant(clause=clause.id, label=label, fate=fate, why=f"{why} in {alike} cases")


def answer_of(case: Case, shown: Shown) -> Answer:
    """Give what an honest layer of this meaning answers: every array rounded once, to its dtype."""
    texts = {quantity: value for quantity, value in shown.seen.items() if isinstance(value, str)}
    arrays = {q: _rounded(value, _dtype(case, q, shown)) for q, value in shown.seen.items() if q not in texts}
    return Answer({"seen": texts}, arrays)


def _dtype(case: Case, quantity: str, shown: Shown) -> Any:
    step, _, name = quantity.partition(".")
    if not name.startswith("inputs."):
        return named(shown.dtypes[name])
    own = case.steps[int(step)]
    return own.cotangent.dtype if name == "inputs.dy" else own.inputs[name.removeprefix("inputs.")].dtype


def _rounded(value: Any, dtype: Any) -> Any:
    exact = np.asarray(value)
    with np.errstate(all="ignore"):  # beyond a narrow dtype's range is infinite
        return np.asarray((exact if exact.dtype.kind in "iub" else exact.astype(np.float64)).astype(dtype))


def _computes_wider(case: Case, alternative: Alternative) -> bool:
    """Tell whether a layer computes in a wider dtype than the one asked: to be more accurate breaks no clause."""
    return alternative.spec is not None and roundoff(replace(case, spec=alternative.spec)) < roundoff(case)


def _differs(case: Case, shown: Shown) -> bool:
    """Tell whether the oracle sees a mutant differ from the layer asked."""
    dtypes = dtypes_of(case)
    return any(shown.dtypes.get(name, dtypes[name]) != dtypes[name] for name in dtypes) or any(
        _apart(value, shown.seen.get(quantity)) for quantity, value in truth(case).items()
    )


def _apart(value: Any, other: Any) -> bool:
    if isinstance(value, str) or isinstance(other, str) or other is None or np.shape(other) != np.shape(value):
        return type(value) is not type(other) or not isinstance(value, str)
    if value.dtype.kind in "iub":
        return not np.array_equal(value, other)
    with np.errstate(invalid="ignore"):
        away = np.abs(other - value)
    same = (other == value) | ((other != other) & (value != value))  # noqa: PLR0124 - no number is the same as no number
    size = np.max(np.where(value == value, np.abs(value), 0), initial=0)  # noqa: PLR0124
    return bool(np.any(~same & ~(away <= ALIKE * size)))
