"""The verdicts on a case: what a subject showed, against what is expected."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from normspec.conformance.blame import GRADIENTS, accused, cited, dtype_clause, law_of
from normspec.conformance.distance import distance
from normspec.conformance.expectation import Expected, expectation, tolerated
from normspec.conformance.subject import Answer
from normspec.deviation import Deviation
from normspec.records import Array, Case

Verdict = Literal["conforms", "deviates", "fails", "unsupported"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One judged quantity of one step of one case. `ratio` is error / bound; both are at the worst element.

    `equals` names the alternative whose value a failing one is, where there is one (`diagnosis`). `of_row` is the share that a deviation
    takes of what its row allows, where that is a bound. `reproduction` is a script in which a failure shows.
    """

    case: str
    layer: str
    dtype: str
    quantity: str
    clauses: tuple[str, ...]
    verdict: Verdict
    error: float | None = None
    bound: float | None = None
    ratio: float | None = None
    detail: str = ""
    equals: str = ""
    of_row: float | None = None
    reproduction: str = ""


def judge(case: Case, answer: Answer, known: tuple[Deviation, ...] = ()) -> Iterator[Check]:
    """Give the verdict on every expected quantity of a case, `known` being the deviations declared for the subject."""
    for expected in expectation(case):
        check = _judged(case, expected, answer)
        yield _excused(case, expected, check, answer, known) if check.verdict == "fails" else check


def _excused(case: Case, expected: Expected, check: Check, answer: Answer, known: tuple[Deviation, ...]) -> Check:
    """Turn a failure into a deviation where one covers it and the error is no larger than that one may make it."""
    for row in known:
        if row.covers(case, expected.quantity) and (showed := _showed(case, expected, answer, row)):
            detail = f"{row.id}: {check.detail}"
            return replace(check, verdict="deviates", clauses=(row.clause,), detail=detail, of_row=showed.ratio)
    return check


def _showed(case: Case, expected: Expected, answer: Answer, row: Deviation) -> Check | None:
    """Give the check that a subject meets in place of this one, having shown what a row says: an error, or an array in what that allows."""
    if row.dies or "died" in answer.texts:
        return _check(case, expected, "conforms") if row.dies and "died" in answer.texts else None
    got = answer.arrays.get(expected.quantity)
    if row.raises or got is None:
        seen = answer.texts.get("seen", {})
        raised = seen.get(f"{expected.step}.raised") or (_absence(expected, seen) if got is None else "")
        return _check(case, expected, "conforms") if row.raises and row.raises in raised else None
    allowed = tolerated(case, kept(expected, answer), row)
    if allowed is None:
        return None
    if row.no_number and got.dtype.name == allowed.dtype and got.shape == np.shape(allowed.value):
        exact = np.asarray(allowed.value).astype(np.float64)  # from which there is a way to every dtype, as from a quad there is not
        got = np.where(np.isfinite(got), got, exact.astype(got.dtype))
    check = _compared(case, allowed, got)
    return check if check.verdict == "conforms" else None


def kept(expected: Expected, answer: Answer) -> Expected:
    """Give what is expected of an array that must stay: what the subject showed of it before."""
    earlier = answer.arrays.get(expected.same_as)
    if earlier is None or earlier.shape != np.shape(expected.value):  # where it is not, the earlier one fails for it
        return expected
    return replace(expected, value=earlier)


def _judged(case: Case, expected: Expected, answer: Answer) -> Check:
    texts = answer.texts
    if "seen" not in texts:
        verdict: Verdict = "unsupported" if "unsupported" in texts else "fails"
        return _check(case, expected, verdict, detail=texts.get("unsupported") or _trouble(texts))
    seen = texts["seen"]
    if lacking := _lacking(expected, seen):
        return _check(case, expected, "unsupported", detail=lacking)
    if expected.refused:
        refused = expected.quantity in seen
        detail = seen[expected.quantity] if refused else f"was not refused, and must be: {expected.value}"
        return _check(case, expected, "conforms" if refused else "fails", detail=detail)
    if expected.quantity not in answer.arrays:
        return _check(case, expected, "fails", accused(case, expected), detail=seen.get(expected.quantity) or _absence(expected, seen))
    return _compared(case, kept(expected, answer), answer.arrays[expected.quantity])


def _lacking(expected: Expected, seen: dict[str, str]) -> str:
    """Give the reason why an implementation shows no such quantity at all, where it has said so."""
    if expected.step == "born":
        return seen.get("born", "")
    for k in range(int(expected.step) + 1):  # what comes after a step that it does not have is another script
        if f"{k}.lacking" in seen:
            return seen[f"{k}.lacking"]
    if expected.name.startswith("tangent."):
        return seen.get(expected.quantity, "")
    return seen.get(f"{expected.step}.gradients", "") if expected.name in GRADIENTS else ""


def _absence(expected: Expected, seen: dict[str, str]) -> str:
    """Say why an array is not there."""
    for text, what in (("raised", "raised"), ("pullback", "raised in the pullback:")):
        if f"{expected.step}.{text}" in seen and (text == "raised" or expected.name in GRADIENTS):
            return f"{what} {seen[f'{expected.step}.{text}']}"
    return "is missing"


def _trouble(texts: dict[str, Any]) -> str:
    return texts["died"] if "died" in texts else f"raised {texts.get('raised', 'something')}; the case could not be played"


def _compared(case: Case, expected: Expected, got: Array) -> Check:
    must = np.shape(expected.value)
    fits = got.dtype.kind in "iu" if expected.dtype == "int64" else got.dtype.name == expected.dtype  # a count is any integer
    if not fits or got.shape != must:
        wrong = f"has dtype {got.dtype.name} and shape {got.shape}, must have {expected.dtype} and {must}"
        own = None if fits else dtype_clause(case, expected)
        return _check(case, expected, "fails", (own or law_of(case, expected),), detail=wrong)
    if expected.name == "count" and getattr(getattr(case.spec, "running", None), "start", "") == "first":  # whether there was one is enough
        expected, got = replace(expected, value=np.minimum(expected.value, 1)), np.minimum(got, 1)
    error, ratio = distance(case, expected, got)
    if not ratio.size:
        return _check(case, expected, "conforms", error=0.0, bound=0.0, ratio=0.0)
    at = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
    worst, bound = float(ratio[at]), float(expected.bound[at])
    if worst <= 1:
        return _check(case, expected, "conforms", error=float(error[at]), bound=bound, ratio=worst)
    index = f" at {tuple(int(i) for i in at)}" if at else ""
    is_, must_be = float(got[at]), float(expected.value[at])
    detail = f"is {is_!r}{index}, must be {must_be!r} within {bound:.3g}; {int(np.sum(ratio > 1))} of {ratio.size} elements are off"
    return _check(case, expected, "fails", accused(case, expected), error=float(error[at]), bound=bound, ratio=worst, detail=detail)


def _check(case: Case, expected: Expected, verdict: Verdict, clauses: tuple[str, ...] | None = None, **rest: Any) -> Check:
    return Check(
        case=case.id,
        layer=case.spec.layer,
        dtype=case.situation.dtype,
        quantity=expected.quantity,
        clauses=clauses or cited(case, expected),
        verdict=verdict,
        **rest,
    )
