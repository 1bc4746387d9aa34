"""A run of cases drawn by chance, asked of one subject in its process: what fails is written down in the smallest case that shows it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from normspec.conformance.expectation import expectation
from normspec.conformance.fuzzing.draws import Space
from normspec.conformance.fuzzing.projection import projection
from normspec.conformance.fuzzing.search import Search, search
from normspec.conformance.judge import Check, judge
from normspec.conformance.neighbours.diagnosis import Memory, diagnosed
from normspec.conformance.oracle import truth
from normspec.conformance.reproduction import Scripts
from normspec.conformance.results import Results
from normspec.conformance.run import Asked, declared, opened
from normspec.conformance.subject import Answer
from normspec.deviation import Deviation
from normspec.records import Case


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What is drawn: how many cases that can be judged, from which seed, so many of each difficulty, of which layers and dtypes of x."""

    n: int
    seed: int
    numbers: int = 1
    layers: tuple[str, ...]
    dtypes: tuple[str, ...]


def fuzz(
    asked: Asked, chance: Chance, started: Callable[[str], None], advanced: Callable[[Search], None]
) -> Iterator[tuple[Case, tuple[Check, ...]]]:
    """Give each failure of a new kind; `advanced` is told of every case that was judged.

    Raises
    ------
    NotStarted
        Where the subject cannot be imported.
    NothingDrawn
        Where it has nothing of what is to be drawn.
    """
    with opened(asked) as (subject, *_):
        said = subject.start()
        started(said["version"])
        takes = said.pop("takes")
        head = {"implementation": said.pop("name"), **said, "device": asked.device, "seed": chance.seed}
        known, memory = declared(asked, head["implementation"], said["version"]), Memory()
        scripts = Scripts(asked.name, asked.like, asked.python, asked.reproductions)

        def answered(drawn: Case) -> tuple[Case, Answer]:
            case = replace(drawn, situation=replace(drawn.situation, device=asked.device))
            subject.ask(case)
            expectation(case)
            advanced(looked)
            return case, subject.answer()

        def judged(drawn: Case) -> tuple[Check, ...]:
            return tuple(judge(*answered(drawn), known))

        def explained(drawn: Case) -> tuple[Check, ...]:
            case, answer = answered(drawn)
            checks = diagnosed(case, answer, judge(case, answer, known), memory)
            return tuple(scripts.beside(check, case, answer, subject.play) for check in checks if check.verdict == "fails")

        looked = Search(
            judged,
            Space(
                chance.layers,
                chance.dtypes,
                tuple(takes["layouts"]),
                takes["shards"],
                tangents=True,
                project=projection(_whole_name(asked.name, head["implementation"]), asked.like),
            ),
            partial(left_out, known),
            chance.numbers,
        )
        with closing(Results(asked.out / f"{asked.stem}.jsonl", head)) as results:
            for case, _ in search(looked, chance.n, chance.seed):
                checks = explained(case)
                for check in checks:
                    results.add(check, 0.0)
                yield case, checks
        advanced(looked)


def _whole_name(asked: str, shown: str) -> str:
    """Give the name of a framework with its variant, which it shows where none was asked for: `flax:nnx` for `flax`."""
    return shown if shown.startswith(f"{asked}:") else asked


def left_out(known: tuple[Deviation, ...], case: Case) -> bool:
    """Tell whether a case shows what a row declares that makes cases of those alone that it names, and so cannot say what this one shows.

    Rows of the laws `refusal`, where a step is refused, and `pullback`, where gradients wait for later steps, are such; others say so.
    """
    at, modes = case.situation, {step.mode for step in case.steps}
    own = {row.clause for row in known if row.instead and (at.dtype, at.parameter_dtype) in row.dtypes and modes & set(row.modes)}
    layer, refused = case.clause.partition(".")[0], any(quantity.endswith(".raised") for quantity in truth(case))
    if any(row.apart is not None and row.apart(case) for row in known if row.clause.partition(".")[0] == layer):
        return True
    return (refused and f"{layer}.refusal" in own) or (case.deferred and f"{layer}.pullback" in own)
