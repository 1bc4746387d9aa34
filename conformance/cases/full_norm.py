"""Cases of full normalization: for every clause, with the channels second and last."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, HALF, MIXED, ONE, SEQUENCE, SINGLE, WITH_FREEZE, Difficulty, Noise
from normspec.conformance.cases.family import NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import FullNorm

SECOND = FullNorm(
    channel_axes=(1,),
    epsilon=2.0**-10,
    rate=0.125,
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
)
LAST = replace(SECOND, channel_axes=(-1,), rate=0.875, output_dtype="promoted")
BELOW = Noise(spread=2.0**-7)
"""The variance is below epsilon."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    square = (5, 5, 5)
    second = Family(name="second", spec=SECOND, shape=(5, 3, 7), square=square, few=(3, 5), other=((11, 3), (3, 5, 7, 6)), quick=ANY)
    last = replace(second, name="last", spec=LAST, shape=(5, 7, 3), other=((11, 3), (3, 7, 6, 5)), quick=ONE)
    for f in (second, last):
        yield from family(f)
        for about in ("epsilon", "gradient.x"):
            yield of(f, about, "below", noise=BELOW, modes=WITH_FREEZE, quick=f.quick[:1])
        yield of(f, "gradient.x", "about-epsilon", noise=NEAR, modes=SEQUENCE)
        for rate in (0.0, 0.125, 0.875, 1.0):
            at, dtypes = replace(f.spec, rate=rate), f.dtypes if rate == f.spec.rate else SINGLE
            yield of(f, "rate", f"{rate}", spec=at, modes=SEQUENCE, dtypes=dtypes)
        yield of(f, "gradient.x", "whole-weight", spec=replace(f.spec, rate=1.0), dtypes=SINGLE)
        yield of(f, "update", "observe", modes=("observe", "evaluate", "observe", "train"))
        yield of(f, "update", "of-two-shapes", shapes=(f.shape, (9, *f.shape[1:])), modes=("train", "observe", "train"), dtypes=SINGLE)
        yield of(f, "keep", "evaluate-freeze", modes=("evaluate", "freeze"))
        for about in ("gradient.scale", "gradient.shift"):
            yield of(f, about, "square", shapes=(square,), dtypes=SINGLE)
        yield of(f, "gradient.x", "constant", noise=Noise(flat=1), dtypes=SINGLE)
        yield of(f, "accuracy", "mean-10-times-std", noise=Noise(offset=10.0), modes=("train", "evaluate"), dtypes=SINGLE)
    for about in ("output", "gradient.x"):
        yield of(second, about, "one-value", shapes=((1, 5),), modes=("train", "evaluate", "train"), dtypes=SINGLE)
        yield of(second, about, "whole", spec=replace(SECOND, channel_axes=()), modes=SEQUENCE, dtypes=SINGLE)
        yield of(second, about, "bare", spec=replace(SECOND, scale=False, shift=False), modes=SEQUENCE, dtypes=SINGLE + HALF + MIXED)
    yield of(second, "output", "long", shapes=((37, 5, 71),), dtypes=FLOAT32)
    yield from layouts("second", SECOND, second.shape)
    yield from traces("second", SECOND, second.shape)
    yield from rare("second", SECOND, second.shape, empty=(0, 3, 7), sizes=((1025, 3), (4099, 3), (7, 1023)))
    yield from corners("second", SECOND, second.shape, near=0.25)
