"""Cases of weight normalization: for every clause, at the points of the space that frameworks occupy. x is the weight."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.draw import ANY, HALF, MIXED, ONE, SINGLE, Difficulty
from normspec.conformance.cases.family import EACH, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
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
    yield from layouts("first", FIRST, first.shape)
    yield from rare("first", FIRST, first.shape, empty=(5, 0, 7), sizes=((3, 1025), (1023, 7)))
    yield of(first, "output", "mixed", dtypes=MIXED)
