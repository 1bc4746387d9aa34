"""A run: every case asked of one subject, judged, and written down."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from normspec.conformance.expectation import expectation
from normspec.conformance.judge import Check, judge
from normspec.conformance.neighbours.diagnosis import Memory, diagnosed
from normspec.conformance.repeats import is_repeated, unlike
from normspec.conformance.reproduction import Scripts
from normspec.conformance.results import Results
from normspec.conformance.subject import Answer, NotStarted, Subject
from normspec.deviation import Deviation
from normspec.errors import NormspecError
from normspec.load import deviations
from normspec.records import Case


class Incomplete(NormspecError):  # noqa: N818 - reads as what it says
    """Fewer or more checks were judged than were planned: the run is worth nothing."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a run is asked to be. `reproductions` is of how many clauses, at most, the first failure gets a script of its own."""

    name: str
    cases: tuple[Case, ...]
    out: Path
    device: str = "cpu"
    timeout: float = 60.0
    memory: int = 8 << 30
    jobs: int = 1
    python: str = ""
    like: str = ""
    kind: str = ""
    reproductions: int = 0

    @property
    def stem(self) -> str:
        """The name of its files: that of the implementation, and what kind of run it is where it is not the usual one."""
        return self.name.replace(":", "-").replace("/", "-") + (f".{self.kind}" if self.kind else "")


def planned(cases: tuple[Case, ...]) -> int:
    """Give the number of checks in these cases."""
    return sum(len(expectation(case)) for case in cases)


@contextmanager
def opened(asked: Asked) -> Iterator[list[Subject]]:
    """Give the subjects of a run, the first of which is importing already; they end with the context."""
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / f"{asked.stem}.jsonl").unlink(missing_ok=True)  # an earlier run's, which is not what the log is of
    with (asked.out / f"{asked.stem}.log").open("wb") as log, ExitStack() as ending:
        python = asked.python or sys.executable
        made = (Subject(asked.name, log, asked.timeout, asked.memory, python, asked.like, asked.device) for _ in range(asked.jobs))
        subjects = [ending.enter_context(closing(subject)) for subject in made]
        with suppress(NotStarted):  # to be told when it is this one's turn
            subjects[0].launch()
        yield subjects


def run(
    asked: Asked,
    started: Callable[[str], None] = lambda _: None,
    subjects: list[Subject] | None = None,
    told: Callable[[Case, str], None] = lambda *_: None,
) -> Iterator[tuple[Case, tuple[Check, ...]]]:
    """Judge a subject, case by case.

    The oracle plays a case without the subject, before it or meanwhile: neither sees the other's result. `subjects` are those that have
    been `opened` before; otherwise they are opened here. `told` hears of what is no verdict: what the subject has changed that is not its
    own, and bits that are others each time.

    Raises
    ------
    NotStarted
        Where the subject cannot be imported.
    Incomplete
        Where the checks judged are not as many as planned.
    """
    with opened(asked) if subjects is None else nullcontext(subjects) as ready:
        said = ready[0].start()  # the others start when they are asked
        started(said["version"])
        del said["takes"]  # what cases are drawn from, where they are
        head = {"implementation": said.pop("name"), **said, "device": asked.device}
        with closing(Results(asked.out / f"{asked.stem}.jsonl", head)) as results:
            played: list[tuple[Case, Answer]] = []
            for case, answer, checks in _cases(asked, ready, declared(asked, head["implementation"], said["version"]), results):
                for line in answer.texts.get("changed", ()):
                    told(case, f"changed {line}")
                played += [(case, answer)] if is_repeated(case, answer) else []
                yield case, checks
            for case, answer in played:  # when all is judged, for whatever comes of it is no verdict
                for line in unlike(answer, ready[0].play(case)):
                    told(case, line)


def declared(asked: Asked, name: str, version: str) -> tuple[Deviation, ...]:
    """Give the deviations that are known of a subject of this name and version; a drop-in has none."""
    return () if asked.like else tuple(row for row in deviations(name) if row.is_of(version))


def _cases(
    asked: Asked, subjects: list[Subject], known: tuple[Deviation, ...], results: Results
) -> Iterator[tuple[Case, Answer, tuple[Check, ...]]]:
    memory = Memory()
    scripts = Scripts(asked.name, asked.like, asked.python, asked.reproductions)
    for first in range(0, len(asked.cases), len(subjects)):
        dealt = list(zip(subjects, asked.cases[first : first + len(subjects)], strict=False))
        for subject, case in dealt:
            subject.ask(case)
        for subject, case in dealt:
            began = time.perf_counter()
            expectation(case)
            answer = subject.answer()
            checks = diagnosed(case, answer, judge(case, answer, known), memory)
            seconds = (time.perf_counter() - began) / max(len(checks), 1)
            checks = tuple(scripts.beside(check, case, answer, subject.play) for check in checks)
            for check in checks:
                results.add(check, seconds)
            yield case, answer, checks
    if results.rows != planned(asked.cases):
        raise Incomplete(f"checks written must be the {planned(asked.cases)} planned, got {results.rows}")
