"""The reproduction of a failure: a short script with the framework and NumPy only, run to see that the failure shows there, too."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np

from normspec.claim import Claim
from normspec.conformance.distance import distance
from normspec.conformance.expectation import expectation
from normspec.conformance.identification.records import Ask
from normspec.conformance.judge import Check, judge, kept
from normspec.conformance.runner import Reproduced, error_of, played
from normspec.conformance.shrink import FEW, numbers, redrawn, shrunk
from normspec.conformance.subject import Answer
from normspec.errors import NormspecError, Unsupported
from normspec.load import reproducible, reproduction
from normspec.records import Case

SECONDS = 6.0
"""How long a failing case is made smaller."""
DEADLINE = 90.0
"""Seconds after which nothing more is tried, however many cases are left."""
LEAST = 20.0
"""Seconds that a script has in any case: to import a framework takes most of them."""


def reproduced(name: str, case: Case, quantity: str, ask: Ask, like: str = "", python: str = "") -> Reproduced:
    """Give a script of a quantity that has been run: where that fails, the smallest found in which it does.

    Raises
    ------
    NormspecError
        Where no script can be written; the message says why.
    """
    until, answer = time.monotonic() + DEADLINE, ask(case)
    require_answer(answer)
    check = _checked(case, quantity, answer)
    refused, found = "", None
    for smaller, own, drawn in _candidates(case, check, ask):
        if (refused or found is not None) and time.monotonic() > until:
            break
        answer = ask(smaller)
        try:
            script = reproduction(name, smaller, replace(claim_of(smaller, own, answer), drawn=drawn), like)
        except Unsupported as reason:
            refused = refused or str(reason)
            continue
        detail = check.detail if check.verdict == "fails" else ""
        found = played(script, detail, python, max(until - time.monotonic(), LEAST))
        if found.fails == (check.verdict == "fails"):
            return found
    if found is None:
        raise Unsupported(refused)
    return found


@dataclass
class Scripts:
    """The scripts of a run: one for the first failure of each kind, of so many kinds. A kind is what breaks the same clauses."""

    name: str
    like: str
    python: str
    most: int
    blamed: set[tuple[str, ...]] = field(default_factory=set)

    def beside(self, check: Check, case: Case, answer: Answer, ask: Ask) -> Check:
        """Give a check with the script that reproduces it, where it is the first of its kind, or with the reason why there is none."""
        wanted = check.verdict == "fails" and check.clauses not in self.blamed and len(self.blamed) < self.most
        if not wanted or not reproducible(self.name, self.like):
            return check
        try:
            require_answer(answer)  # what a subject dies of uses up no kind: another case may show more
            self.blamed.add(check.clauses)
            found = reproduced(self.name, case, check.quantity, ask, self.like, self.python)
        except NormspecError as reason:
            return replace(check, reproduction=f"# no reproduction: {reason}\n")
        none = f"# no reproduction: it does not fail in a script of its own, which says: {found.said}\n"
        return replace(check, reproduction=found.script if found.fails else none)


def require_answer(answer: Answer) -> None:
    """Refuse an answer that a subject died of: a hang costs its whole time in every smaller case, and in every script.

    Raises
    ------
    Unsupported
        With what became of the subject.
    """
    if "died" in answer.texts:
        raise Unsupported(f"a script is of what a subject shows or raises, and it {answer.texts['died']}: run the case under a debugger")


def alike(one: Check, other: Check) -> bool:
    """Tell whether two checks come to the same. Failures do so by the same error, whatever numbers its text has, or for the same clauses.

    A number that is no number is another failure than one that is merely off.
    """
    if one.verdict != "fails" or other.verdict != "fails":
        return one.verdict == other.verdict
    if error_of(one.detail) or error_of(other.detail):
        return error_of(one.detail) == error_of(other.detail)
    same = one.detail.partition(" ")[0] == other.detail.partition(" ")[0] and isfinite(one.error or 0.0) == isfinite(other.error or 0.0)
    return same and one.clauses == other.clauses


def _candidates(case: Case, check: Check, ask: Ask) -> Iterator[tuple[Case, str, Mapping[str, str]]]:
    """Give cases in which a quantity comes to the same, the simplest first; and the arrays of each that are drawn from a seed."""

    def comes_to_it(other: Case, quantity: str) -> bool:
        return alike(_checked(other, quantity, ask(other)), check)

    fails = check.verdict == "fails"
    small, quantity = shrunk(case, check.quantity, comes_to_it, SECONDS) if fails else (case, check.quantity)
    if numbers(small) > FEW:
        yield from ((drawn, quantity, words) for drawn, words in redrawn(small) if comes_to_it(drawn, quantity))
    yield small, quantity, {}
    if fails:
        yield case, check.quantity, {}


def _checked(case: Case, quantity: str, answer: Answer) -> Check:
    checks = {check.quantity: check for check in judge(case, answer)}
    if quantity not in checks:  # a smaller case may refuse a step, and then has others
        return Check(case=case.id, layer=case.spec.layer, dtype=case.situation.dtype, quantity=quantity, clauses=(), verdict="unsupported")
    return checks[quantity]


def claim_of(case: Case, quantity: str, answer: Answer) -> Claim:
    """Give what a script is to assert of a quantity: at its worst element, or the first where there is none to see."""
    by_quantity = {e.quantity: e for e in expectation(case)}
    expected, got = by_quantity[quantity], answer.arrays.get(quantity)
    claim = Claim(quantity=quantity, kind="refusal", dtype=expected.dtype, shape=np.shape(expected.value))
    if expected.refused:
        return claim
    claim = replace(claim, refused=tuple(int(e.step) for e in by_quantity.values() if e.refused))
    whole = got is not None and got.dtype.kind in "iu" and expected.dtype == "int64"
    other = got is not None and (got.shape != claim.shape or (got.dtype.name != expected.dtype and not whole))
    if other or not np.size(expected.value):
        return replace(claim, kind="dtype")
    expected = kept(expected, answer)
    ratio = np.zeros(claim.shape) if got is None else distance(case, expected, got)[1]
    at = np.unravel_index(int(np.argmax(ratio)), claim.shape)
    must, bound = float(np.asarray(expected.value)[at]), float(np.asarray(expected.bound)[at])
    return replace(claim, kind="number", index=tuple(map(int, at)), must=must, bound=_up(bound))


def _up(bound: float) -> float:
    """Give a bound in four digits, and not a smaller one."""
    short = float(f"{bound:.3e}")
    return short if short >= bound else float(f"{bound * (1 + 1e-3):.3e}")
