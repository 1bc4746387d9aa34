"""Cases of weight standardization: for every clause, at the points of the space that implementations occupy. x is the weight."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, ONE, Difficulty
from normspec.conformance.cases.family import Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import WeightStandardization

FIRST = WeightStandardization(
    channel_axes=(0,),
    epsilon=2.0**-6,
    epsilon_place="outside",
    correction=1,
    variance="two_pass",
    scale=False,
    statistics_dtype="widened",
    output_dtype="input",
)
LAST = replace(FIRST, channel_axes=(-1,), correction=0, epsilon=2.0**-10, epsilon_place="inside", scale=True)
"""As its authors have it in PyTorch; and channels last, epsilon inside, with the gain of normalizer-free networks."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(5, 3, 7), square=(5, 5, 5), few=(5, 1, 3), other=((3, 7), (3, 5, 6, 7)), quick=ANY)
    last = replace(first, name="last", spec=LAST, few=(1, 3, 5), quick=ONE)
    for f in (first, last, replace(last, name="fast", spec=replace(LAST, variance="one_pass"), other=(), quick=())):
        yield from family(f)
        for axes in ((), (0, 1)):
            at, name = replace(f.spec, channel_axes=axes), f"kept-{'-'.join(map(str, axes)) or 'none'}"
            yield of(f, "channel_axes", name, spec=at)
    yield of(first, "correction", "population", spec=replace(FIRST, correction=0), shapes=(first.few,))
    for f in (first, last):
        yield from layouts(f.name, f.spec, f.shape)
    yield from traces("last", LAST, last.shape)
    yield from rare("first", FIRST, first.shape, empty=(0, 3, 7), sizes=((3, 1025), (1023, 7), (4099, 3)), flat=0)
    yield from corners("last", LAST, last.shape)
