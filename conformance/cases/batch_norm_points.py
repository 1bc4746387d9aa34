"""Cases of batch normalization at the points that fewer frameworks occupy: families of their own, and each clause from the other side."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from normspec.conformance.cases.draw import ALL, EVERY, FLOAT32, HALF, MIXED, ONE, SINGLE, WITH_FREEZE, Difficulty, Dtypes, Modes, Noise
from normspec.conformance.cases.shards import shards
from normspec.conformance.cases.traces import traces
from normspec.errors import InvalidSpec
from normspec.layers import BatchNorm
from normspec.layers.fields import StatisticsDtype

Shapes = tuple[tuple[int, ...], ...]

SHAPES: dict[int, Shapes] = {
    2: ((11, 3),),
    3: ((5, 3, 7), (9, 3, 5)),
    4: ((3, 5, 7, 6),),
    5: ((3, 5, 6, 7, 9),),
}
"""x of the first step and of those after it, channels first."""

HALF_RANKS = (3, 4)
"""Ranks at which 16 bits are tried, too."""
STANDARD = SHAPES[3][:1]
"""x of every step where its shape does not matter: one shape, for compilers take long."""

NEAR = Noise(offset=2.0**-6, spread=2.0**-5)
"""The variance is about epsilon."""


def with_running(spec: BatchNorm, **changes: Any) -> BatchNorm:
    """Give the spec with its running statistics changed."""
    assert spec.running is not None
    return replace(spec, running=replace(spec.running, **changes))


def lay(spec: BatchNorm, shapes: Shapes, rank: int = 0) -> Shapes:
    """Put the channels of channels-first shapes where the spec has them, with axes of length 1 up to a rank."""
    shapes = tuple(s + (1,) * (rank - len(s)) for s in shapes)
    return tuple((s[0], *s[2:], s[1]) for s in shapes) if spec.channel_axes == (-1,) else shapes


def families(first: BatchNorm, last: BatchNorm) -> Iterator[Difficulty]:
    """Give what every point must show that a framework has by default: the averages of Flax, Haiku and Equinox, mixtures."""
    fast = replace(with_running(last, state_dtype="float32"), variance="one_pass", output_dtype="promoted")
    yield from _family("fast", fast, ranks=(2, 3, 4), quick=("float32", "float16", "bfloat16"))
    yield from _ladder("fast", fast)
    yield from traces("fast", fast, lay(fast, STANDARD)[0])
    yield from shards("fast", fast, lay(fast, STANDARD)[0])
    yield from shards("summed", replace(last, variance="one_pass"), lay(last, STANDARD)[0])
    slow, shapes = replace(fast, variance="two_pass"), lay(fast, STANDARD)
    yield Difficulty(about="output", name="fast-two-passes", spec=slow, shapes=shapes, dtypes=ALL)
    wide = replace(fast, output_dtype="promoted_with_state")
    modes: Modes = ("train", "train", "evaluate", "freeze")
    for about in ("output", "update", "epsilon", "channel_axes", "output_dtype"):
        yield Difficulty(about=about, name="fast-wide", spec=wide, shapes=shapes, modes=modes, dtypes=HALF, noise=NEAR, quick=("bfloat16",))
    assert first.running is not None
    yield from _family("last-sample", replace(last, running=first.running), ranks=(4, 5), quick=ONE)
    averaged = with_running(replace(last, variance="one_pass", statistics_dtype="input"), start="debiased", initial_variance=0.0)
    yield from _family("averaged", averaged, ranks=(3,), dtypes=SINGLE, quick=("float32",))
    yield Difficulty(about="output", name="averaged-half", spec=averaged, shapes=shapes, modes=WITH_FREEZE, dtypes=HALF[:1])
    yield from traces("averaged", averaged, shapes[0])
    yield from shards("averaged", averaged, shapes[0])
    plain = replace(first, one_value="shift", statistics_dtype="input", output_dtype="promoted_with_state")
    told: dict[str, Any] = {"start": "first", "correction": 0, "initial_variance": 0.0}
    for name, at in (
        ("debiased", with_running(plain, start="debiased", correction=1)),
        ("ema", with_running(replace(plain, train_with="running"), **told)),
    ):
        yield from _family(name, at, ranks=(3,), dtypes=SINGLE, quick=("float32",))
        yield from traces(name, at, STANDARD[0])
        yield from shards(name, at, STANDARD[0])
    for name, at, lain in (("debiased", with_running(plain, start="debiased", correction=1), STANDARD), ("averaged", averaged, shapes)):
        slow = with_running(at, rate=0.01)
        modes = ("train", "evaluate", "train", "evaluate")
        for count, about in ((0, "running.start"), (1, "update")):
            own = f"{name}-slow-after-{count}"
            yield Difficulty(about=about, name=own, spec=slow, shapes=lain, modes=modes, dtypes=SINGLE, count=count)
    yield from _family("first-population", replace(first, running=last.running, one_value="shift"), ranks=(3,), dtypes=SINGLE)
    population = replace(first, running=last.running, one_value="shift", statistics_dtype="input")
    yield Difficulty(about="output", name="first-population-half", spec=population, shapes=STANDARD, modes=WITH_FREEZE, dtypes=HALF + MIXED)


def _family(
    name: str, spec: BatchNorm, *, ranks: tuple[int, ...], dtypes: Dtypes = EVERY, quick: tuple[str, ...] = ()
) -> Iterator[Difficulty]:
    standard = lay(spec, SHAPES[max(3, ranks[0])][:1])
    square, few = ((5,) * max(3, ranks[0]),), lay(spec, ((3, 5),), ranks[0])
    for rank in ranks:
        half = ALL if SHAPES[rank][:1] == SHAPES[max(3, ranks[0])][:1] else SINGLE
        shapes = lay(spec, SHAPES[rank][:1])
        yield Difficulty(about="output", name=f"{name}-rank-{rank}", spec=spec, shapes=shapes, modes=WITH_FREEZE, dtypes=half)
    yield Difficulty(about="update", name=f"{name}-thrice", spec=spec, shapes=standard, modes=("train",) * 3, quick=quick)
    modes: Modes = ("train", "train", "evaluate", "freeze")
    yield Difficulty(
        about="pullback",
        name=f"{name}-called-last-first",
        spec=spec,
        shapes=standard,
        modes=modes,
        dtypes=dtypes,
        deferred=True,
        quick=quick,
    )
    yield Difficulty(about="gradient.x", name=f"{name}-constant", spec=spec, shapes=standard, noise=Noise(flat=1), dtypes=dtypes)
    yield Difficulty(about="channel_axes", name=f"{name}-square", spec=spec, shapes=square, dtypes=SINGLE)
    for about in ("epsilon", "epsilon_place"):
        yield Difficulty(about=about, name=f"{name}-near", spec=spec, shapes=standard, noise=NEAR, dtypes=dtypes, quick=quick)
    for about in ("correction", "running.correction") if spec.train_with == "batch" else ("running.correction",):
        yield Difficulty(about=about, name=f"{name}-few", spec=spec, shapes=few, dtypes=dtypes, quick=quick[:1])
    for about in ("running", "running.initial_mean", "running.initial_variance", "born"):
        yield Difficulty(about=about, name=f"{name}-born", spec=spec, shapes=standard, dtypes=dtypes, quick=quick)
    one, modes = lay(spec, ((1, 5),), ranks[0]), ("evaluate", "train", "train", "evaluate")
    yield Difficulty(about="one_value", name=f"{name}-one", spec=spec, shapes=one, modes=modes, dtypes=dtypes)
    if spec.output_dtype != "promoted_with_state":  # which shows where state is wider than parameters, and here it is not
        yield Difficulty(about="output_dtype", name=f"{name}-mixed", spec=spec, shapes=standard, dtypes=ALL)


def _ladder(name: str, spec: BatchNorm) -> Iterator[Difficulty]:
    """Rungs on which one pass, whose error grows with the square of the condition number, still gives digits."""
    for power, dtypes in ((1, EVERY), (2, SINGLE), (3, SINGLE[:1]), (4, SINGLE[:1])):
        rung, shapes = f"{name}-mean-1e{power}-times-std", lay(spec, ((37, 5, 7),))
        noise = Noise(offset=10.0**power)
        yield Difficulty(about="variance", name=rung, spec=spec, shapes=shapes, modes=("train", "evaluate"), dtypes=dtypes, noise=noise)


def points(first: BatchNorm, last: BatchNorm) -> Iterator[Difficulty]:
    """Points of the space that fewer frameworks occupy: each clause once more from the other side."""
    shapes, few = STANDARD, ((3, 5),)
    for axes in ((), (0,), (1, 2), (0, -1)):
        at = replace(first, channel_axes=axes, one_value="shift")
        name = "kept-" + ("none" if not axes else "-".join(str(a) for a in axes))
        yield Difficulty(about="channel_axes", name=name, spec=at, shapes=(shapes[0],), dtypes=EVERY)
    yield Difficulty(about="epsilon", name="zero", spec=replace(first, epsilon=0.0), shapes=shapes, noise=NEAR)
    outside = replace(first, epsilon=2.0**-6, epsilon_place="outside")
    yield Difficulty(about="epsilon_place", name="outside", spec=outside, shapes=shapes, dtypes=EVERY, noise=NEAR)
    yield Difficulty(about="correction", name="sample", spec=replace(first, correction=1), shapes=few, dtypes=EVERY)
    for start in ("initial", "first"):
        at = with_running(replace(first, train_with="running"), start=start)
        modes: Modes = ("train", "train", "evaluate")
        yield Difficulty(about="train_with", name=f"running-{start}", spec=at, shapes=shapes, modes=modes, dtypes=EVERY, count=0)
    yield from _observing(first, last)
    yield from _pairs(first)
    born = with_running(first, initial_mean=0.5, initial_variance=0.0)
    for about in ("running.initial_mean", "running.initial_variance"):
        yield Difficulty(about=about, name="elsewhere", spec=born, shapes=shapes, dtypes=EVERY)
    kept = with_running(first, state_dtype="float32")
    yield Difficulty(about="running.state_dtype", name="float32", spec=kept, shapes=shapes, dtypes=HALF)
    narrow: tuple[tuple[StatisticsDtype, Any], ...] = (("input", HALF + MIXED), ("float32", SINGLE))
    for rule, dtypes in narrow:  # about the output, for to be more accurate breaks no clause; no sum of squares overflows
        at = replace(first, statistics_dtype=rule)
        yield Difficulty(about="output", name=f"statistics-in-{rule}", spec=at, shapes=shapes, dtypes=dtypes, noise=Noise(spread=5.0))
    yield from _masked(first, last)
    shifted, one = replace(last, running=first.running), ((1, 5), (7, 5))
    yield Difficulty(about="running.correction", name="one", spec=shifted, shapes=one, modes=("train", "train"), dtypes=SINGLE)
    wide = replace(kept, output_dtype="promoted")
    for name, at in (("promoted", wide), ("promoted-with-state", replace(wide, output_dtype="promoted_with_state"))):
        yield Difficulty(about="output_dtype", name=name, spec=at, shapes=shapes, dtypes=ALL)


def _masked(first: BatchNorm, last: BatchNorm) -> Iterator[Difficulty]:
    fast = replace(with_running(last, state_dtype="float32"), variance="one_pass", output_dtype="promoted")
    for name, spec in (("first", first), ("last", last), ("fast", fast), ("without-running", replace(last, running=None))):
        shapes = lay(spec, STANDARD)
        yield Difficulty(about="mask", name=name, spec=spec, shapes=shapes, dtypes=EVERY, masked=True)
    for name, spec in (("last", last), ("fast", fast)):
        told: dict[str, Any] = {"spec": spec, "modes": ("train",), "dtypes": FLOAT32, "masked": True}
        yield Difficulty(**told, about="mask", name=f"{name}-square", shapes=((5, 5, 5),))
        yield Difficulty(**told, about="mask", name=f"{name}-no-number-masked", shapes=lay(spec, STANDARD), hidden=True)
        yield Difficulty(**told, about="mask", name=f"{name}-one-channel", shapes=((3, 5, 1),))


def _observing(first: BatchNorm, last: BatchNorm) -> Iterator[Difficulty]:
    modes: Modes = ("observe", "evaluate", "observe", "train")
    for layout, spec in (("first", first), ("last", last)):
        for start, rate in (("initial", 0.125), ("first", 0.125), ("debiased", 0.0)):
            at, shapes = with_running(spec, start=start, rate=rate), lay(spec, STANDARD)
            name = f"{layout}-observe-{start}"
            yield Difficulty(about="update", name=name, spec=at, shapes=shapes, modes=modes, dtypes=EVERY, count=0)
    yield Difficulty(about="one_value", name="observe", spec=first, shapes=((1, 5),), modes=("observe", "evaluate"), dtypes=EVERY)


def _pairs(first: BatchNorm) -> Iterator[Difficulty]:
    """Two rarer points at once, every pair that is a layer: a kernel's special cases meet here."""
    assert first.running is not None
    away: dict[str, dict[str, Any]] = {
        "outside": {"epsilon": 2.0**-6, "epsilon_place": "outside"},
        "sample": {"correction": 1},
        "no-scale": {"scale": False},
        "no-shift": {"shift": False},
        "with-running": {"train_with": "running"},
        "without-running": {"running": None},
        "population": {"running": replace(first.running, correction=0)},
        "debiased": {"running": replace(first.running, start="debiased")},
        "all-alike": {"running": replace(first.running, start="debiased", rate=0.0)},
        "last": {"channel_axes": (-1,)},
    }
    for (one, a), (two, b) in combinations(away.items(), 2):
        if a.keys() & b.keys():
            continue
        try:
            spec = replace(first, **a, **b)
        except InvalidSpec:
            continue
        shapes = lay(spec, STANDARD)
        yield Difficulty(about="output", name=f"pair-{one}-{two}", spec=spec, shapes=shapes, dtypes=SINGLE, noise=Noise(spread=2.0**-4))
