"""Grades of one subject, measured: what it shows on every rung, against what each grade allows there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from normspec.conformance.distance import most
from normspec.conformance.expectation import Expected, expectation
from normspec.conformance.fuzzing.draws import Projection
from normspec.conformance.grades.ladder import Rung, points, rungs
from normspec.conformance.grades.levels import GRADED, LEVELS, allowed, is_judged
from normspec.conformance.judge import judge
from normspec.conformance.subject import Answer
from normspec.records import Case

Ask = Callable[[Case], Answer]
Ratios = dict[str, float]
"""Error / bound, by grade."""


@dataclass(frozen=True, kw_only=True)
class Grade:
    """The grade of one quantity of a layer in a dtype, at a point of `variance`.

    `level` is the most accurate grade that is kept wherever it can be judged, or "none". The others are log2 of mean / deviation: `judged`
    on the last rung where what the level allows is a small part of y (beyond it, any finite value does), `held` on the last one up to which
    the error stayed within the standard bound (-1: on none), `top` on the last rung of the ladder.
    """

    layer: str
    variance: str
    dtype: str
    quantity: str
    level: str
    judged: int
    held: int
    top: int


def graded(layer: str, dtype: str, ask: Ask, project: Projection | None) -> Iterator[Grade]:
    """Give the grades of a layer in a dtype, none of a quantity that a subject says it does not have."""
    for variance, (spec, shape) in points(layer, dtype, project).items():
        ladder = list(rungs(spec, shape, dtype))
        found = [_ratios(rung.case, ask(rung.case)) for rung in ladder]
        for quantity in GRADED:
            of_rungs = [ratios[quantity] for ratios in found if quantity in ratios]
            if of_rungs and len(of_rungs) == len(ladder):
                yield _grade(ladder, of_rungs, layer, variance, dtype, quantity.partition(".")[2])


def _grade(ladder: list[Rung], found: list[Ratios], layer: str, variance: str, dtype: str, quantity: str) -> Grade:
    judged = [[level for level in LEVELS if is_judged(allowed(rung.case)[level])] for rung in ladder]
    kept = [lv for lv in LEVELS if all(at[lv] <= 1 if lv in there else at[lv] < np.inf for at, there in zip(found, judged, strict=True))]
    level = kept[0] if kept else "none"
    seen = [rung.power for rung, there in zip(ladder, judged, strict=True) if level in (*there, "none")]
    broken = next((k for k, at in enumerate(found) if at["standard"] > 1), len(found))
    held = ladder[broken - 1].power if broken else -1
    told = {"layer": layer, "variance": variance, "dtype": dtype, "quantity": quantity, "level": level}
    return Grade(**told, judged=seen[-1], held=held, top=ladder[-1].power)


def _ratios(case: Case, answer: Answer) -> dict[str, Ratios]:
    """Give error / bound of each quantity, by grade: infinite where it is missing or no number; none where a subject says it has none."""
    allowing, out = allowed(case), {}
    lacking = {check.quantity for check in judge(case, answer) if check.verdict == "unsupported"}
    for expected in expectation(case):
        if expected.quantity in GRADED and expected.quantity not in lacking:
            out[expected.quantity] = {level: _away(case, expected, allowing[level], answer) for level in LEVELS}
    return out


def _away(case: Case, expected: Expected, allowing: Any, answer: Answer) -> float:
    got = answer.arrays.get(expected.quantity)
    if got is None or got.shape != np.shape(expected.value):
        return np.inf
    with np.errstate(all="ignore"):
        return most(case, replace(expected, bound=allowing[expected.quantity]), got)
