"""Implementations judged side by side, each in a thread of its own: a judge waits for its subject most of the time."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from normspec.conformance.judge import Check
from normspec.conformance.run import Asked, opened, planned, run
from normspec.conformance.subject import NotStarted, Subject
from normspec.records import Case

AHEAD = 2
"""Implementations that import while others are judged: to import takes as long as a quick run does."""
SECONDS_A_CHECK = 0.0004
"""For the first estimate; the progress bar has a better one soon."""


@dataclass
class Judged:
    """What came of one implementation. `noticed` is what is no verdict, with the case in which it was seen first."""

    asked: Asked
    version: str = ""
    checks: list[Check] = field(default_factory=list)
    noticed: dict[str, str] = field(default_factory=dict)
    refused: str = ""


def side_by_side(console: Console, runs: Sequence[Asked], sides: int) -> Iterator[Judged]:
    """Judge implementations, so many at a time, and give what came of each in the order in which they are asked for."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    planning, judged = threading.Lock(), deque[Future[Judged]]()
    with (
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars,
        ExitStack() as ending,
        ThreadPoolExecutor(sides) as pool,
    ):
        begun: list[Subject] = []
        try:
            for asked in runs:
                subjects = ending.enter_context(opened(asked))  # here, for a subject dies with the thread that launches it
                begun += subjects
                judged.append(pool.submit(_judged, asked, subjects, bars, planning))
                if len(judged) == sides + AHEAD:
                    yield judged.popleft().result()
            while judged:
                yield judged.popleft().result()
        except BaseException:  # Ctrl-C is heard here, and by no other thread
            pool.shutdown(wait=False, cancel_futures=True)
            for subject in begun:
                subject.stopped = True
            raise


def _judged(asked: Asked, subjects: list[Subject], bars: Progress, planning: threading.Lock) -> Judged:
    found, task = Judged(asked), bars.add_task("planning", total=len(asked.cases))
    with planning:  # once for all, for what is expected is remembered
        count = planned(asked.cases)
    what = f"{len(asked.cases)} cases, {count} checks, about {max(1, round(count * SECONDS_A_CHECK))} s; {_length(asked.cases)}"
    bars.console.print(f"[bold]{escape(asked.name)}[/bold]: {what}", soft_wrap=True)
    bars.update(task, description=f"starting {asked.name}")

    def started(version: str) -> None:
        found.version = version
        bars.update(task, description=f"{asked.name} {version}")

    def noted(case: Case, line: str) -> None:
        found.noticed.setdefault(line, case.id)

    try:
        for _, checks in run(asked, started, subjects, noted):
            found.checks += checks
            bars.advance(task)
    except NotStarted as error:
        found.refused = str(error)
    finally:
        bars.remove_task(task)
        for subject in subjects:
            subject.close()
    return found


def _length(chosen: tuple[Case, ...]) -> str:
    layers = sorted({case.spec.layer for case in chosen})
    dtypes = sorted({case.situation.dtype for case in chosen}, reverse=True)
    return f"{', '.join(layers)} in {', '.join(dtypes)}"
