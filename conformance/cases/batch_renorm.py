"""Cases of batch renormalization: for every clause, at the points of the paper, of Keras, and of averages of the variance."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.draw import (
    ANY,
    EVERY,
    FLOAT32,
    HALF,
    MIXED,
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
from normspec.conformance.cases.traces import traces
from normspec.layers import BatchRenorm, Running
from normspec.layers.fields import StatisticsDtype

KEPT = Running(rate=0.125, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
PAPER = BatchRenorm(
    channel_axes=(1,),
    epsilon=2.0**-10,
    correction=0,
    variance="two_pass",
    averaged="deviation",
    renorm_rate=None,
    floor=False,
    r_min=0.875,
    r_max=1.25,
    d_max=0.25,
    running=KEPT,
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="refuse",
)
OWN = replace(PAPER, channel_axes=(-1,), averaged="both", renorm_rate=0.25, floor=True, one_value="shift")
OF_VARIANCE = replace(PAPER, averaged="variance", running=replace(KEPT, correction=1))
FAMILIES = (("paper", PAPER), ("own", OWN), ("variance", OF_VARIANCE))
"""One pair of averages, of the deviation; averages of training's own, with a floor; and averages of the sample's variance."""
FREE: dict[str, Any] = {"r_min": 0.0, "r_max": None, "d_max": None}
SHAPE, FEW, LATER = (5, 3, 7), (3, 5), (9, 3, 5)
NEAR = Noise(offset=2.0**-6, spread=2.0**-5)
"""The variance is about epsilon."""
LARGE = Noise(offset=300.0, spread=700.0)
"""The variance is beyond float16."""
TWICE: Modes = ("train", "train")


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    for name, spec in FAMILIES:
        yield from _fields(name, spec)
        yield from _corrections(name, spec)
        yield from _running(name, spec)
        yield from _laws(name, spec)
        yield from _accuracy(name, spec)
    yield from _points()
    yield from mixed_layouts("paper", PAPER, SHAPE)
    yield from layouts("paper", PAPER, SHAPE)
    yield from traces("paper", PAPER, SHAPE)
    yield from traces("own", OWN, _laid(OWN, SHAPE))
    yield from rare("paper", PAPER, SHAPE, empty=(0, 3, 7), sizes=((1025, 3), (4099, 3), (7, 1023)), flat=1)
    yield from few_and_far("paper", PAPER, (5, 3, 1))
    yield from exact("variance", replace(OF_VARIANCE, running=KEPT), "update", (2, 5), modes=TWICE)


def _laid(spec: BatchRenorm, shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], *shape[2:], shape[1]) if spec.channel_axes == (-1,) else shape


def _once(name: str, others: Dtypes = FLOAT32) -> Dtypes:
    """Give every dtype for one family, and the usual ones for the others: compilers take each anew."""
    return EVERY if name == "paper" else others


def of(spec: BatchRenorm, about: str, name: str, *, shape: tuple[int, ...] = SHAPE, **rest: Any) -> Difficulty:
    """Give a difficulty in float32 and float64, at the usual shape, of one step of training, unless it is told otherwise."""
    told: dict[str, Any] = {"modes": ("train",), **rest}
    return Difficulty(about=about, name=name, spec=spec, shapes=(_laid(spec, shape),), **told)


def _fields(name: str, spec: BatchRenorm) -> Iterator[Difficulty]:
    yield of(spec, "channel_axes", f"{name}-unequal", shape=(3, 5, 7, 6), modes=SEQUENCE, dtypes=_once(name))
    yield of(spec, "channel_axes", f"{name}-square", shape=(5, 5, 5), dtypes=FLOAT32)
    yield of(spec, "epsilon", f"{name}-near", noise=NEAR, modes=SEQUENCE, dtypes=EVERY)
    yield of(spec, "correction", f"{name}-few", shape=FEW, dtypes=_once(name, SINGLE))
    for shape, offset in ((SHAPE, 10.0), (SHAPE, 0.0), (FEW, 0.0), (LATER, 0.0), ((11, 3), 0.0)):
        fast, label = replace(spec, variance="one_pass"), f"{name}-of-{'-'.join(map(str, shape))}-at-{offset}"
        yield of(fast, "variance", label, shape=shape, noise=Noise(offset=offset), dtypes=SINGLE if offset else _once(name, SINGLE))
    yield of(spec, "averaged", f"{name}-of-{spec.averaged}", modes=("evaluate", "train", "evaluate"), dtypes=EVERY)
    for has_scale, has_shift in ((True, True), (True, False), (False, True), (False, False)):
        at, label = replace(spec, scale=has_scale, shift=has_shift), f"{name}-scale-{has_scale}-shift-{has_shift}".lower()
        for about in ("scale", "shift"):
            yield of(at, about, label, dtypes=_once(name) if has_scale and has_shift else FLOAT32)
    yield of(spec, "statistics_dtype", f"{name}-large", noise=LARGE, dtypes=SINGLE + MIXED)
    yield of(spec, "output_dtype", f"{name}-mixed", modes=SEQUENCE, dtypes=SINGLE + MIXED if name == "paper" else MIXED)
    one: Modes = ("evaluate", "train", "train", "evaluate")
    yield Difficulty(about="one_value", name=f"{name}-one", spec=spec, shapes=((1, 5), (1, 5), (7, 5)), modes=one, dtypes=_once(name))


def _corrections(name: str, spec: BatchRenorm) -> Iterator[Difficulty]:
    """Give r and d limited from each side and not at all, and the averages that they come from."""
    for about in ("r_min", "r_max", "d_max"):
        yield of(spec, about, f"{name}-limited", dtypes=EVERY)
        yield of(replace(spec, **FREE), about, f"{name}-unlimited", dtypes=FLOAT32)
    yield of(replace(spec, d_max=0.0), "d_max", f"{name}-zero", dtypes=FLOAT32)
    yield of(spec, "renorm_rate", f"{name}-{spec.renorm_rate}", modes=TWICE, dtypes=EVERY)
    if spec.averaged != "variance":
        yield of(replace(spec, **FREE), "floor", f"{name}-{spec.floor}".lower(), noise=NEAR, dtypes=_once(name, SINGLE))
    yield of(spec, "earlier", f"{name}-twice", modes=TWICE, dtypes=_once(name, SINGLE))


def _running(name: str, spec: BatchRenorm) -> Iterator[Difficulty]:
    yield of(_with(spec, rate=0.875), "running", f"{name}-fast", modes=WITH_FREEZE, dtypes=_once(name))
    for rate in (0.0, 0.125, 0.875, 1.0):
        own = rate == spec.running.rate
        yield of(_with(spec, rate=rate), "running.rate", f"{name}-{rate}", modes=SEQUENCE, dtypes=EVERY if own else FLOAT32)
    for start, rate in (("initial", 0.125), ("first", 0.125), ("debiased", 0.125), ("debiased", 0.0)):
        at, each = _with(spec, start=start, rate=rate), ("train", "evaluate", "train", "observe")
        for count in (0, 3):
            about = "running.start" if count == 0 else "update"
            yield of(at, about, f"{name}-{start}-{rate}-after-{count}", modes=each, count=count, dtypes=_once(name) if rate else FLOAT32)
        if start != "initial":
            label = f"{name}-{start}-{rate}-after-1000"
            yield of(at, "count", label, modes=("train", "observe", "train"), count=1000, dtypes=_once(name))
    yield of(spec, "running.correction", f"{name}-few", shape=FEW, dtypes=EVERY)
    for about in ("running.initial_mean", "running.initial_variance", "running.state_dtype", "born"):
        yield of(spec, about, f"{name}-born", dtypes=EVERY)


def _with(spec: BatchRenorm, **changes: Any) -> BatchRenorm:
    return replace(spec, running=replace(spec.running, **changes))


def _laws(name: str, spec: BatchRenorm) -> Iterator[Difficulty]:
    yield of(spec, "output", f"{name}-usual", modes=SEQUENCE, dtypes=EVERY, quick=ANY)
    yield of(spec, "output", f"{name}-rank-2", shape=(11, 3), modes=SEQUENCE, dtypes=FLOAT32)
    yield of(spec, "keep", f"{name}-evaluate-freeze", modes=("evaluate", "freeze"), dtypes=EVERY)
    yield of(spec, "pullback", f"{name}-last-first", modes=("train", "train", "evaluate", "freeze"), deferred=True, dtypes=_once(name))
    later: Modes = ("freeze", "train", "observe", "evaluate")
    shapes = (_laid(spec, SHAPE), _laid(spec, LATER))
    yield Difficulty(about="update", name=f"{name}-of-two-shapes", spec=spec, shapes=shapes, modes=later, dtypes=FLOAT32)
    yield of(spec, "gradient.x", f"{name}-constant", noise=Noise(flat=1 if spec.channel_axes == (1,) else 2))
    for label, hidden, dtypes in (("", False, _once(name, SINGLE)), ("-hidden", True, FLOAT32)):
        yield of(spec, "mask", f"{name}-masked{label}", modes=SEQUENCE, masked=True, hidden=hidden, dtypes=dtypes)
    if spec is PAPER:  # a mask laid along another axis of its length is another mask
        yield Difficulty(
            about="mask", name=f"{name}-masked-square", spec=spec, shapes=((5, 5, 5),), modes=("train",), masked=True, dtypes=FLOAT32
        )


def _accuracy(name: str, spec: BatchRenorm) -> Iterator[Difficulty]:
    for power in (1, 2, 3):
        label, dtypes = f"{name}-mean-1e{power}-times-std", EVERY if power == 1 else SINGLE
        yield of(spec, "accuracy", label, shape=(37, 5, 7), modes=("train", "evaluate"), dtypes=dtypes, noise=Noise(offset=10.0**power))


def _points() -> Iterator[Difficulty]:
    """Give what single frameworks are by default, and each field from the other side."""
    whole = replace(OWN, channel_axes=(), running=KEPT)
    yield of(whole, "channel_axes", "whole", modes=SEQUENCE, dtypes=FLOAT32)
    default = replace(_with(OWN, rate=0.01), epsilon=1e-3, renorm_rate=0.01, **FREE)
    for name, epsilon, root, told in (
        ("usual", 1e-5, 1e-5**0.5, {"dtypes": FLOAT32}),
        ("below-float16", 2.0**-27, 2.0**-13.5, {"dtypes": MIXED[:1], "gradients": False}),  # which are beyond float16
    ):
        yield of(replace(PAPER, epsilon=epsilon), "epsilon", f"paper-{name}", noise=Noise(offset=root, spread=root), **told)
    root = 2.0**-5
    yield of(default, "epsilon", "own-default-1e-3", noise=Noise(offset=root, spread=root), modes=SEQUENCE)
    zero = replace(OWN, epsilon=0.0, floor=False)
    for name, spec in (("own-zero", zero), ("paper-zero", replace(PAPER, epsilon=0.0))):
        yield of(spec, "epsilon", name, noise=NEAR, modes=SEQUENCE)
    yield of(replace(PAPER, correction=1), "correction", "paper-sample-few", shape=FEW)
    yield of(replace(PAPER, renorm_rate=0.75), "renorm_rate", "paper-own", modes=TWICE)
    yield of(replace(OWN, renorm_rate=None), "renorm_rate", "own-none", modes=TWICE)
    yield of(_with(PAPER, correction=1), "running.correction", "paper-sample-few", shape=FEW, dtypes=FLOAT32)
    yield of(PAPER, "running.correction", "paper-few-rank-4", shape=(3, 5, 1, 1), dtypes=FLOAT32)
    one: dict[str, Any] = {"spec": replace(OF_VARIANCE, one_value="shift"), "shapes": ((1, 5), FEW), "modes": TWICE, "dtypes": FLOAT32}
    yield Difficulty(about="running.correction", name="variance-one", **one)
    counted = _with(PAPER, start="debiased", rate=0.0)
    yield of(counted, "one_value", "paper-one-counted", shape=(1, 5), modes=("evaluate", "train", "evaluate"), dtypes=FLOAT32)
    yield of(_with(PAPER, state_dtype="float32"), "running.state_dtype", "paper-float32", modes=SEQUENCE, dtypes=EVERY)
    yield of(_with(PAPER, initial_mean=0.5, initial_variance=0.0), "running.initial_mean", "paper-elsewhere", dtypes=FLOAT32)
    yield of(_with(OWN, initial_mean=0.5, initial_variance=0.25), "running.initial_variance", "own-elsewhere", dtypes=FLOAT32)
    yield of(replace(PAPER, output_dtype="promoted"), "output_dtype", "paper-promoted", modes=SEQUENCE, dtypes=MIXED)
    rules: tuple[tuple[StatisticsDtype, Dtypes], ...] = (("input", HALF), ("float32", SINGLE))
    for rule, dtypes in rules:  # about the output, for to be more accurate breaks no clause
        noise = Noise(spread=3.0, drift=0.125)
        yield of(replace(PAPER, statistics_dtype=rule), "output", f"paper-statistics-in-{rule}", noise=noise, dtypes=dtypes)
