"""Cases of weight normalization: for every clause, at the points of the space that frameworks occupy. x is the weight."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, HALF, MIXED, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import EACH, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import WeightNorm

FIRST = WeightNorm(
    channel_axes=(0,),
    epsilon=0.0,
    epsilon_place="inside",
    scale=True,
    initial_scale="norm",
    statistics_dtype="input",
)
"""As PyTorch has it."""
LAST = WeightNorm(
    channel_axes=(-1,),
    epsilon=2.0**-10,
    epsilon_place="inside",
    scale=True,
    initial_scale="one",
    statistics_dtype="input",
)
"""As Flax has it."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(5, 3, 7), square=(5, 5, 5), few=(5, 1, 3), other=((3, 7), (5, 3, 1, 7)), quick=ANY)
    last = replace(first, name="last", spec=LAST, quick=ONE)
    for f in (first, last):
        yield from family(f)
        for axes in ((), (0, 1), (0, 1, 2)):
            at, name = replace(f.spec, channel_axes=axes), f"kept-{'-'.join(map(str, axes)) or 'none'}"
            yield of(f, "channel_axes", name, spec=at, dtypes=(*SINGLE, HALF[0]))
        yield of(f, "gradient.scale", "usual")
    for f in (first, last):
        yield of(f, "initial_scale", "made", modes=EACH, made=True, quick=f.quick[:1])
    yield of(last, "epsilon", "near-outside", spec=replace(LAST, epsilon=2.0**-6, epsilon_place="outside"), noise=NEAR, dtypes=SINGLE)
    yield of(first, "tangent.y", "whole-along", spec=replace(FIRST, channel_axes=()), tangents=True, dtypes=SINGLE)
    yield from layouts("first", FIRST, first.shape)
    yield from traces("first", FIRST, first.shape)
    yield from traces("last", LAST, last.shape)
    yield from rare("first", FIRST, first.shape, empty=(5, 0, 7), sizes=((3, 1025), (1023, 7), (4099, 3)))
    yield from corners("last", LAST, last.shape, near=2.0**-2)
    yield of(first, "output", "mixed", dtypes=MIXED)
    wide = replace(LAST, statistics_dtype="widened")
    for about in ("output", "gradient.scale"):
        yield of(last, about, "widened", spec=wide, dtypes=MIXED)
    yield of(last, "gradient.x", "zero-channel", noise=Noise(flat=2, at=0.0), dtypes=SINGLE)
    floored, small = replace(LAST, epsilon=2.0**-5, epsilon_place="floor"), replace(NEAR, flat=2, at=2.0**-10)
    yield of(last, "epsilon", "floor", spec=floored, noise=small, dtypes=SINGLE)  # one norm is below the floor, others above, none at 1
