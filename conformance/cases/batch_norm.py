"""Cases of batch normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from normspec.conformance.cases.batch_norm_points import HALF_RANKS, NEAR, SHAPES, STANDARD, families, lay, points, with_running
from normspec.conformance.cases.batch_norm_running import SMALL, running
from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import (
    ALL,
    ANY,
    EVERY,
    FLOAT32,
    HALF,
    MIXED,
    ONE,
    SEQUENCE,
    SINGLE,
    WITH_FREEZE,
    Difficulty,
    Dtypes,
    Modes,
    Noise,
)
from normspec.conformance.cases.layouts import layouts, mixed_layouts
from normspec.conformance.cases.rare import exact, few_and_far, rare
from normspec.conformance.cases.shards import shards
from normspec.conformance.cases.tangents import tangents
from normspec.conformance.cases.traces import traces
from normspec.layers import BatchNorm, Running
from normspec.records import Layout, Mode

SAMPLE = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
POPULATION = replace(SAMPLE, correction=0)
FIRST = BatchNorm(
    channel_axes=(1,),
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    train_with="batch",
    running=SAMPLE,
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="refuse",
)
LAST = replace(FIRST, channel_axes=(-1,), running=POPULATION, one_value="shift")
LAYOUTS = (("first", FIRST), ("last", LAST))
"""Channels first with the sample's variance observed, and channels last with the population's: the two families of today."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    for layout, spec in LAYOUTS:
        yield from _plain(layout, spec)
        yield from _shapes(layout, spec)
        yield from _semantic(layout, spec)
        yield from running(layout, spec)
        yield from _dtypes(layout, spec)
        yield from _accuracy(layout, spec)
        yield from tangents(layout, spec, lay(spec, STANDARD)[0])
        yield from shards(layout, spec, lay(spec, STANDARD)[0])
    yield from chain(families(FIRST, LAST), points(FIRST, LAST))
    fast = with_running(FIRST, rate=0.875)
    yield Difficulty(about="update", name="first-fast", spec=fast, shapes=((5, 67),), modes=("train", "train"), dtypes=HALF[1:])
    yield from layouts("first", FIRST, SHAPES[4][0])
    yield from mixed_layouts("first", FIRST, SHAPES[4][0])
    yield from mixed_layouts("few", FIRST, (5, 3, 1))
    yield from mixed_layouts("bare", replace(FIRST, running=None), (5, 3, 1))
    lie: tuple[tuple[str, Layout], ...] = (("scale", "strided"), ("shift", "strided"))
    twice: Modes = ("train", "train")
    images: tuple[tuple[str, Layout], ...] = (("x", "permuted"), ("dy", "permuted"))  # libraries go another way with these
    for name, shape, more in (("rank-2", (11, 3), ()), ("images", SHAPES[4][0], images)):
        own = f"first-owned-strided-{name}"
        yield Difficulty(about="gradient.x", name=own, spec=FIRST, shapes=(shape,), modes=twice, layout=(*lie, *more))
    yield from traces("first", FIRST, SHAPES[4][0])
    yield from traces("last", LAST, lay(LAST, STANDARD)[0])
    yield from rare("first", FIRST, STANDARD[0], empty=(0, 3, 7), sizes=((1025, 3), (65537, 3), (7, 1023)), flat=1)
    yield from few_and_far("first", FIRST, (5, 3, 1))
    yield from corners("first", FIRST, STANDARD[0])
    yield from exact("first", FIRST, "update", (2, 5), modes=SEQUENCE)
    yield from exact("last", LAST, "update", (2, 4, 3), modes=("train", "train"))


def _plain(layout: str, spec: BatchNorm) -> Iterator[Difficulty]:
    for rank, shapes in SHAPES.items():
        dtypes, modes = ALL if rank in HALF_RANKS else FLOAT32, WITH_FREEZE if len(shapes) > 1 else SEQUENCE
        yield Difficulty(about="output", name=f"{layout}-rank-{rank}", spec=spec, shapes=lay(spec, shapes), modes=modes, dtypes=dtypes)
    yield Difficulty(about="update", name=f"{layout}-thrice", spec=spec, shapes=lay(spec, SHAPES[3]), modes=("train",) * 3, quick=ONE)
    yield Difficulty(
        about="keep", name=f"{layout}-evaluate-freeze", spec=spec, shapes=lay(spec, SHAPES[2]), modes=("evaluate", "freeze"), dtypes=EVERY
    )


def _shapes(layout: str, spec: BatchNorm) -> Iterator[Difficulty]:
    """Shapes at which kernels take another way: a batch of one, one channel, one constant channel, a long axis."""
    one = lay(spec, ((1, 3, 7),))
    yield Difficulty(about="output", name=f"{layout}-batch-of-one", spec=spec, shapes=one, modes=("train",), dtypes=FLOAT32)
    yield Difficulty(
        about="output", name=f"{layout}-one-channel", spec=spec, shapes=lay(spec, ((5, 1, 7),)), modes=("train",), dtypes=FLOAT32
    )
    flat = Noise(flat=1 if spec.channel_axes == (1,) else 2)
    yield Difficulty(about="gradient.x", name=f"{layout}-constant", spec=spec, shapes=lay(spec, STANDARD), noise=flat, quick=ANY)
    yield Difficulty(
        about="output", name=f"{layout}-long", spec=spec, shapes=lay(spec, ((4099, 3),)), modes=("train", "evaluate"), dtypes=FLOAT32
    )
    frozen: Mode
    for frozen in ("evaluate", "freeze"):  # what is trained later must not reach the gradient of what was frozen before
        yield Difficulty(
            about="pullback",
            name=f"{layout}-frozen-then-trained-{frozen}",
            spec=spec,
            shapes=lay(spec, STANDARD),
            modes=(frozen, "train"),
            dtypes=EVERY,
            deferred=True,
            quick=ANY if frozen == "evaluate" else ONE,
        )
    modes: Modes = ("train", "train", "evaluate", "freeze")
    name = f"{layout}-called-last-first"
    yield Difficulty(
        about="pullback", name=name, spec=spec, shapes=lay(spec, SHAPES[3]), modes=modes, dtypes=EVERY, deferred=True, quick=ONE
    )


def _semantic(layout: str, spec: BatchNorm) -> Iterator[Difficulty]:
    shapes, few = lay(spec, STANDARD), lay(spec, SMALL)
    yield Difficulty(about="channel_axes", name=f"{layout}-unequal", spec=spec, shapes=lay(spec, SHAPES[4]), dtypes=EVERY)
    yield Difficulty(about="channel_axes", name=f"{layout}-square", spec=spec, shapes=((5, 5, 5),), quick=ONE)
    yield Difficulty(about="epsilon", name=f"{layout}-near", spec=spec, shapes=shapes, dtypes=EVERY, quick=ANY, noise=NEAR)
    for defaults, epsilon, rate, dtypes in (("1e-5-0.1", 1e-5, 0.1, FLOAT32), ("1e-3-0.01", 1e-3, 0.01, SINGLE)):
        at = with_running(replace(spec, epsilon=epsilon), rate=rate)
        yield Difficulty(
            about="epsilon",
            name=f"{layout}-default-{defaults}",
            spec=at,
            shapes=shapes,
            dtypes=dtypes,
            noise=Noise(offset=2.0**-8, spread=2.0**-8),
        )
    yield Difficulty(about="epsilon_place", name=f"{layout}-near", spec=spec, shapes=shapes, dtypes=EVERY, quick=ANY, noise=NEAR)
    yield Difficulty(about="correction", name=f"{layout}-few", spec=spec, shapes=few, dtypes=EVERY, quick=ONE)
    yield Difficulty(
        about="train_with", name=f"{layout}-batch", spec=spec, shapes=shapes, modes=("train", "train"), dtypes=EVERY, quick=ANY
    )
    for scale, shift in ((True, True), (True, False), (False, True), (False, False)):
        at, name = replace(spec, scale=scale, shift=shift), f"{layout}-scale-{scale}-shift-{shift}".lower()
        for about in ("scale", "shift"):
            half: Dtypes = EVERY if scale == shift else FLOAT32
            yield Difficulty(about=about, name=name, spec=at, shapes=shapes, dtypes=half, quick=ONE if scale == shift else ())
    one = lay(spec, ((1, 5), (1, 5), (7, 5)))
    modes: Modes = ("evaluate", "train", "train", "evaluate")
    yield Difficulty(about="one_value", name=f"{layout}-one", spec=spec, shapes=one, modes=modes, dtypes=EVERY, quick=ONE)
    counted = with_running(spec, start="debiased", rate=0.0)
    yield Difficulty(about="one_value", name=f"{layout}-one-counted", spec=counted, shapes=one, modes=modes, dtypes=EVERY, quick=ONE)
    nothing = replace(spec, running=None)
    yield Difficulty(about="one_value", name=f"{layout}-one-without-running", spec=nothing, shapes=one, modes=modes, dtypes=EVERY)


def _dtypes(layout: str, spec: BatchNorm) -> Iterator[Difficulty]:
    shapes = lay(spec, STANDARD)
    yield Difficulty(about="running.state_dtype", name=f"{layout}-kept", spec=spec, shapes=shapes, dtypes=EVERY, quick=ANY)
    large = Noise(offset=300.0, spread=700.0)  # variances beyond float16, which is why the state must not be that
    dtypes = SINGLE + MIXED
    yield Difficulty(about="statistics_dtype", name=f"{layout}-large", spec=spec, shapes=shapes, dtypes=dtypes, quick=ANY, noise=large)
    yield Difficulty(about="output_dtype", name=f"{layout}-mixed", spec=spec, shapes=shapes, dtypes=ALL, quick=ANY)


def _accuracy(layout: str, spec: BatchNorm) -> Iterator[Difficulty]:
    for power in range(1, 5):
        shapes, name = lay(spec, ((37, 5, 7),)), f"{layout}-mean-1e{power}-times-std"
        yield Difficulty(
            about="accuracy",
            name=name,
            spec=spec,
            shapes=shapes,
            modes=("train", "evaluate"),
            dtypes=EVERY if power == 1 else SINGLE,  # in 16 bits, x of a larger mean has hardly two values left
            noise=Noise(offset=10.0**power),
        )
