"""Cases of feature normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ALL, ANY, EVERY, FLOAT32, HALF, MIXED, ONE, SINGLE, Difficulty, Modes, Noise
from normspec.conformance.cases.family import EACH, LARGE, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import exact, rare
from normspec.conformance.cases.traces import traces
from normspec.layers import FeatureNorm

OBSERVED = FeatureNorm(
    channel_axes=(-1,),
    observes=True,
    invert=False,
    epsilon=2.0**-10,
    epsilon_place="floor",
    zero_variance="divisor",
    correction=0,
    statistics_dtype="input",
)
GIVEN = replace(OBSERVED, observes=False)
DEFAULT = 1e-7
"""The floor of Keras, which cannot be told another."""
NARROW = (*SINGLE, HALF[0])
"""In bfloat16, moments of moments keep too few digits to tell anything."""
STREAM: Modes = ("observe", "evaluate", "observe", "train", "freeze")
SHAPES = ((5, 3, 7), (9, 3, 7))


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    near = Noise(offset=2.0**-11, spread=2.0**-11)
    observed = Family(
        name="observed",
        spec=OBSERVED,
        shape=(5, 3, 7),
        square=(5, 5, 5),
        few=(3, 1, 7),
        other=((3, 7), (3, 5, 6, 7)),
        quick=ANY,
        near=near,
    )
    given = replace(observed, name="given", spec=GIVEN, quick=ONE)
    for f in (observed, given):
        yield from family(f)
        for axes in ((), (1,), (1, 2)):
            at, name = replace(f.spec, channel_axes=axes), f"kept-{'-'.join(map(str, axes)) or 'none'}"
            yield of(f, "channel_axes", name, spec=at)
        for invert in (False, True):
            yield of(f, "invert", str(invert).lower(), spec=replace(f.spec, invert=invert), noise=NEAR)
    yield of(given, "observes", "given", modes=("observe", "train"), dtypes=FLOAT32)
    inside = replace(OBSERVED, epsilon_place="inside")
    yield of(observed, "epsilon", "inside", spec=inside, noise=NEAR, modes=("train", "evaluate"))
    yield of(observed, "observes", "some", modes=STREAM, dtypes=NARROW)
    yield from _stream(replace(observed, dtypes=NARROW))
    yield from _flat(observed)
    yield from _large(observed)
    wide = replace(GIVEN, statistics_dtype="widened")  # moments beyond float16
    yield of(given, "output", "large", spec=wide, noise=LARGE, dtypes=MIXED)
    yield from _default(observed)
    yield from _default(given)
    yield from layouts("observed", OBSERVED, observed.shape)
    yield from traces("observed", OBSERVED, observed.shape)
    yield from rare("observed", OBSERVED, observed.shape, empty=(0, 3, 7), sizes=((3, 1025), (4099, 3)))
    yield from corners("observed", OBSERVED, observed.shape)
    yield from exact("observed", OBSERVED, "update", (2, 4, 3), modes=("observe", "evaluate"))


def _stream(f: Family) -> Iterator[Difficulty]:
    """Give batches of two sizes, after none and after some."""
    for count in (0, 3, 1000):
        for about in ("update", "count", "keep"):
            name = f"stream-after-{count}"
            yield of(f, about, name, shapes=SHAPES, modes=STREAM, count=count, quick=ONE if count == 0 else ())
    yield of(f, "update", "after-freeze", shapes=SHAPES, modes=("observe", "freeze", "observe"), dtypes=SINGLE)
    late: Modes = ("train", "observe", "evaluate", "observe", "freeze")
    yield of(f, "pullback", "stream-last-first", shapes=SHAPES, modes=late, deferred=True, dtypes=SINGLE)
    sample = replace(f.spec, correction=1)
    for name, at in (("population", f.spec), ("sample", sample)):
        for count in (0, 3):
            yield of(f, "correction", f"{name}-after-{count}", spec=at, shapes=((3, 1, 7), (5, 1, 7)), modes=STREAM, count=count)
    for name, at in (("population", f.spec), ("sample", sample)):
        for about in ("correction", "observes") if at is f.spec else ("correction",):
            twice: Modes = ("observe", "observe")
            yield of(f, about, f"{name}-observed-twice", spec=at, shapes=((3, 1, 7), (5, 1, 7)), modes=twice, dtypes=EVERY)
    for axes in ((), (1, 2)):
        at = replace(f.spec, channel_axes=axes)
        yield of(f, "update", f"kept-{len(axes)}", spec=at, shapes=SHAPES, modes=STREAM, count=3)
    for power in (1, 2):
        noise = Noise(offset=10.0**power)
        yield of(
            f,
            "accuracy",
            f"stream-mean-1e{power}-times-std",
            shapes=SHAPES,
            modes=STREAM,
            noise=noise,
            dtypes=SINGLE,
        )


def _large(f: Family) -> Iterator[Difficulty]:
    """Give values whose variance is beyond float16, which is why no state may be that narrow."""
    at = replace(f.spec, statistics_dtype="widened")
    modes: Modes = ("observe", "evaluate")
    yield of(f, "statistics_dtype", "large", spec=at, modes=modes, noise=LARGE, dtypes=SINGLE + MIXED)


def _flat(f: Family) -> Iterator[Difficulty]:
    """Give a feature that never changes: its variance is 0, and the value that comes later is another."""
    flat = Noise(flat=2)
    for rule in ("divisor", "one"):
        at = replace(f.spec, zero_variance=rule)
        coarse = replace(at, epsilon=2.0**-2)  # so that 16 bits keep digits of what is divided by the floor
        yield of(
            f, "zero_variance", f"constant-coarse-{rule}", spec=coarse, modes=("observe", "evaluate"), noise=flat, count=0, dtypes=HALF
        )
        yield of(f, "zero_variance", f"constant-{rule}", spec=at, modes=("observe", "evaluate"), noise=flat, count=0, dtypes=SINGLE)


def _default(f: Family) -> Iterator[Difficulty]:
    """Give the clauses once more at the floor that Keras has: what is observed is observed from nothing."""
    at, tiny = replace(f.spec, epsilon=DEFAULT), Noise(offset=DEFAULT / 2, spread=DEFAULT / 2)
    name = f"default-{DEFAULT}"
    yield of(f, "epsilon", name, spec=at, noise=tiny, dtypes=SINGLE)
    yield of(f, "output", name, spec=at, dtypes=ALL, modes=EACH)
    for axes in ((), (1, 2)):
        yield of(f, "channel_axes", f"{name}-kept-{len(axes)}", spec=replace(at, channel_axes=axes))
    yield of(f, "invert", f"{name}-true", spec=replace(at, invert=True))
    if at.observes:
        yield of(f, "update", f"{name}-stream", spec=at, shapes=SHAPES, modes=STREAM, count=0, dtypes=NARROW)
        again: Modes = ("observe", "evaluate", "freeze", "evaluate")
        script: dict[str, Any] = {"modes": again, "resumes": ((3, 0),), "anew": (2,), "count": 0, "dtypes": FLOAT32}
        yield of(f, "update", f"{name}-resumed", spec=at, **script)
