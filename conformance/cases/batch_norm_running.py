"""Cases of batch normalization's running statistics: how they start, how far they move, which variance they take, and what is born."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.batch_norm_points import SHAPES, STANDARD, lay, with_running
from normspec.conformance.cases.draw import ANY, EVERY, FLOAT32, ONE, SEQUENCE, Difficulty, Dtypes, Modes
from normspec.layers import BatchNorm

SMALL = ((3, 5),)
"""Few values per statistic, where sample and population differ by half."""


def running(layout: str, spec: BatchNorm) -> Iterator[Difficulty]:
    """Give what every one of the two families must show of its running statistics."""
    shapes, few = lay(spec, STANDARD), lay(spec, SMALL)
    yield Difficulty(about="running", name=f"{layout}-kept", spec=spec, shapes=shapes, dtypes=EVERY, quick=ANY)
    yield Difficulty(about="running", name=f"{layout}-none", spec=replace(spec, running=None), shapes=shapes, dtypes=EVERY, quick=ONE)
    early: Modes = ("evaluate", "freeze", "train", "freeze")
    yield Difficulty(about="running", name=f"{layout}-before-training", spec=spec, shapes=shapes, modes=early, dtypes=FLOAT32)
    for rate in (0.0, 0.125, 0.875, 1.0):
        at = with_running(spec, rate=rate)
        own = at == spec
        dtypes: Dtypes = EVERY if own else FLOAT32
        steps: Modes = SEQUENCE if own else ("train", "train")
        quick_in = ANY if own else ()
        yield Difficulty(about="running.rate", name=f"{layout}-{rate}", spec=at, shapes=shapes, modes=steps, dtypes=dtypes, quick=quick_in)
    for start, rate in (("initial", 0.125), ("first", 0.125), ("debiased", 0.125), ("debiased", 0.0)):
        at = with_running(spec, start=start, rate=rate)
        for count in (0, 3):
            name = f"{layout}-{start}-{rate}-after-{count}"
            modes: Modes = ("train", "evaluate", "train", "train")
            quick: tuple[str, ...] = ANY if start == "initial" else (ONE if rate == 0 else ())
            about = "running.start" if count == 0 else "update"
            yield Difficulty(about=about, name=name, spec=at, shapes=shapes, modes=modes, dtypes=EVERY, count=count, quick=quick)
        if start != "initial":
            name = f"{layout}-{start}-{rate}-after-1000"
            yield Difficulty(
                about="count", name=name, spec=at, shapes=shapes, modes=("train", "observe", "train"), dtypes=EVERY, count=1000
            )
    counted, unequal = with_running(spec, start="debiased", rate=0.0), lay(spec, SHAPES[3])
    yield Difficulty(
        about="running.start", name=f"{layout}-unequal", spec=counted, shapes=unequal, modes=("train",) * 3, dtypes=FLOAT32, count=0
    )
    yield Difficulty(about="running.correction", name=f"{layout}-few", spec=spec, shapes=few, dtypes=EVERY, quick=ONE)
    at_4 = lay(spec, SMALL, 4)
    yield Difficulty(about="running.correction", name=f"{layout}-few-rank-4", spec=spec, shapes=at_4, modes=("train",), dtypes=FLOAT32)
    yield Difficulty(about="running.initial_mean", name=f"{layout}-born", spec=spec, shapes=shapes, dtypes=EVERY, quick=ANY)
    yield Difficulty(about="running.initial_variance", name=f"{layout}-born", spec=spec, shapes=shapes, dtypes=EVERY, quick=ANY)
    yield Difficulty(about="born", name=f"{layout}-born", spec=spec, shapes=shapes, dtypes=EVERY, quick=ANY)
