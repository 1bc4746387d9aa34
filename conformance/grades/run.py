"""Grades asked of subjects in their own processes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from normspec.conformance.fuzzing.projection import projection
from normspec.conformance.grades.grade import Grade, graded
from normspec.conformance.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is graded: an implementation, or what stands for one (`like`), layers, dtypes of x, and seconds that a case may take."""

    name: str
    layers: tuple[str, ...]
    dtypes: tuple[str, ...]
    like: str = ""
    timeout: float = 60.0


def grades(asked: Asked, started: Callable[[str], None], told: Callable[[str], None]) -> Iterator[Grade]:
    """Give the grades of one subject; `started` is told its version, `told` of every layer and dtype that it is asked.

    Raises
    ------
    NotStarted
        Where the subject cannot be imported.
    """
    project = projection(asked.name, asked.like)
    with TemporaryDirectory() as folder, ExitStack() as ending:
        log = ending.enter_context(Path(folder, "log").open("wb"))
        subject = ending.enter_context(closing(Subject(asked.name, log, timeout=asked.timeout, like=asked.like)))
        started(subject.start()["version"])
        for layer in asked.layers:
            for dtype in asked.dtypes:
                told(f"{layer} in {dtype}")
                yield from graded(layer, dtype, subject.play, project)
