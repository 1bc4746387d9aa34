"""A search for failures: cases are drawn and judged until enough have been; what fails is shrunk, and looked for no more."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, Verbosity, assume, given, seed, settings
from hypothesis.errors import Unsatisfiable

from normspec.conformance.cases.draw import Difficulty
from normspec.conformance.fuzzing.draws import Space, case_of, difficulties
from normspec.conformance.fuzzing.judgeable import judgeable
from normspec.conformance.judge import Check
from normspec.errors import NormspecError
from normspec.records import Case

Judged = Callable[[Case], tuple[Check, ...]]
"""From a case to the verdicts of a subject's answer."""

MOST = 20
"""Failures after which a search ends: a subject that fails so often is better looked at case by case."""


class NothingDrawn(NormspecError):  # noqa: N818 - reads as what it says
    """No case that was drawn could be judged."""


class _Found(Exception):  # noqa: N818 - it is no error: it carries what was found through hypothesis
    def __init__(self, case: Case, checks: tuple[Check, ...]) -> None:
        self.case, self.checks = case, checks
        super().__init__(case.id)


@dataclass
class Search:
    """What is looked for, and how far the search is: the cases judged, the verdicts, and which kinds of failure are known already.

    What is `apart` is not judged. Each difficulty is judged with so many sets of `numbers`: what compiles does so for the first alone.
    """

    judged: Judged
    space: Space
    apart: Callable[[Case], bool] = lambda _: False
    numbers: int = 1
    cases: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    known: set[tuple[str, str, str]] = field(default_factory=set)

    def judge(self, case: Case, *, drawn: bool) -> tuple[Check, ...]:
        """Judge a case, and give what fails in a way that is not known yet. One that was made of another, and not drawn, does not count."""
        checks = self.judged(case)
        if drawn:
            self.cases += 1
            self.verdicts.update(check.verdict for check in checks)
        return tuple(check for check in checks if check.verdict == "fails" and _kind(check) not in self.known)


def _kind(check: Check) -> tuple[str, str, str]:
    """Give what makes two failures one: layer, dtype, quantity."""
    return check.layer, check.dtype, check.quantity.partition(".")[2]


def search(asked: Search, n: int, start: int = 0) -> Iterator[tuple[Case, tuple[Check, ...]]]:
    """Judge n cases that can be judged, from a seed, and give each failure of a new kind in the smallest case that still shows it.

    Raises
    ------
    NothingDrawn
        Where chance finds none that can be judged, as of layers that a framework has not.
    """
    again = 0
    while asked.cases < n and again < MOST:
        found = _one(asked, n - asked.cases, start + again)
        again += 1
        if found is not None:
            asked.known.update(map(_kind, found[1]))
            yield found


def _one(asked: Search, n: int, start: int) -> tuple[Case, tuple[Check, ...]] | None:
    """Judge up to n cases, and give the first failure, shrunk."""
    failed: list[str] = []  # by what is drawn: hypothesis then makes it smaller

    @seed(start)
    @settings(
        max_examples=-(-n // asked.numbers),
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(difficulties(asked.space))
    def attempt(d: Difficulty) -> None:
        found = [case for case in (case_of(d, k) for k in range(asked.numbers)) if judgeable(case) and not asked.apart(case)]
        assume(found)
        for case in found:
            if failing := asked.judge(case, drawn=not failed):
                failed.append(case.id)
                raise _Found(case, failing)

    try:
        attempt()
    except _Found as found:
        return found.case, found.checks
    except Unsatisfiable as error:
        if not asked.cases:
            told = f"{', '.join(asked.space.layers)} in {', '.join(asked.space.dtypes)}"
            raise NothingDrawn(f"no case could be drawn that can be judged, of {told}: ask for a layer and a dtype that it has") from error
    return None
