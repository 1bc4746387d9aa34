"""Cases of running statistics that every layer but batch norm has alike: how they start, how far they move, and what is born."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.draw import FLOAT32, SINGLE, WITH_FREEZE, Difficulty, Modes
from normspec.conformance.cases.family import Family, Shape, of


def running_statistics(f: Family, longer: Shape) -> Iterator[Difficulty]:
    """Give what running statistics must show: of every field of theirs, and of every law. An x of another step is `longer`."""
    born = ("born",) if "born" in f.spec.laws else ()  # of parameters, which not every such layer has
    for about in ("running", "running.initial_mean", "running.initial_variance", *born):
        yield of(f, about, "kept", modes=WITH_FREEZE)
    yield of(f, "running", "before-training", modes=("evaluate", "freeze", "train", "freeze"), dtypes=FLOAT32)
    for rate in (0.0, 0.125, 0.875, 1.0):
        yield of(
            f,
            "running.rate",
            str(rate),
            spec=with_running(f.spec, rate=rate),
            modes=("train", "train"),
            dtypes=f.dtypes if rate == f.spec.running.rate else SINGLE,
        )
    for start, rate in (("initial", 0.125), ("first", 0.125), ("debiased", 0.125), ("debiased", 0.0)):
        modes: Modes = ("train", "evaluate", "train", "observe")
        yield of(f, "running.start", f"{start}-{rate}", spec=with_running(f.spec, start=start, rate=rate), modes=modes, count=0)
    counted = with_running(f.spec, start="debiased", rate=0.0)
    yield of(f, "running.start", "unequal", spec=counted, shapes=(f.shape, longer), modes=("train", "train"), count=0, dtypes=FLOAT32)
    yield of(f, "count", "after-1000", spec=counted, modes=("train", "observe", "train"), count=1000)
    for about in ("running.correction", "update", "keep"):
        yield of(f, about, "few", shapes=(f.few,), modes=WITH_FREEZE)
    yield of(f, "running.correction", "population", spec=with_running(f.spec, correction=0), shapes=(f.few,), dtypes=SINGLE)
    at_4 = (*f.few, 1)
    yield of(f, "running.correction", "population-rank-4", spec=with_running(f.spec, correction=0), shapes=(at_4,), dtypes=FLOAT32)
    elsewhere = with_running(f.spec, initial_mean=0.5, initial_variance=0.0)
    for about in ("running.initial_mean", "running.initial_variance"):
        yield of(f, about, "elsewhere", spec=elsewhere, dtypes=SINGLE)
    for dtype in ("parameter", "float32"):
        yield of(f, "running.state_dtype", dtype, spec=with_running(f.spec, state_dtype=dtype))


def with_running(spec: Any, **changes: Any) -> Any:
    """Give a spec with its running statistics changed."""
    return replace(spec, running=replace(spec.running, **changes))
