"""Cases of scale normalization: for every clause, at the points of the space that published code occupies."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, HALF, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import EACH, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import ScaleNorm

FLOORED = ScaleNorm(
    axes=(-1,),
    epsilon=2.0**-6,
    epsilon_place="floor",
    initial_scale="root",
    statistics_dtype="input",
    output_dtype="promoted",
)
"""As its authors have it."""
ADDED = replace(
    FLOORED, axes=(1,), epsilon=2.0**-10, epsilon_place="inside", initial_scale="one", statistics_dtype="widened", output_dtype="input"
)
SMALL = Noise(offset=2.0**-8, spread=2.0**-8)
"""The norm is about the floor, above and below."""
ZERO = Noise(flat=0, at=0.0)
"""x is 0 at the first index of its first axis."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    floored = Family(
        name="floored", spec=FLOORED, shape=(5, 3, 7), square=(5, 5, 5), few=(5, 7, 1), other=((3, 7), (3, 5, 6, 7)), quick=ANY, near=SMALL
    )
    added = replace(floored, name="added", spec=ADDED, quick=ONE, near=NEAR)
    for f in (floored, added):
        yield from family(f)
        yield of(f, "initial_scale", "born", quick=f.quick[:1])
        yield of(f, "gradient.scale", "usual", modes=EACH)
        yield of(f, "gradient.x", "zero", noise=ZERO, dtypes=SINGLE)
        yield of(f, "axes", "two", spec=replace(f.spec, axes=(-2, -1)))
    for about in ("epsilon", "epsilon_place", "gradient.x"):
        yield of(floored, about, "about-the-floor", noise=SMALL, modes=EACH, dtypes=(*SINGLE, HALF[1]))
    default = replace(FLOORED, epsilon=1e-5)
    yield of(floored, "epsilon", "default-1e-05", spec=default, noise=Noise(offset=5e-6, spread=5e-6), dtypes=SINGLE)
    yield of(floored, "gradient.x", "default-zero", spec=default, noise=ZERO, dtypes=SINGLE)
    yield of(added, "output", "long", shapes=((3, 5003),), dtypes=FLOAT32)
    yield from layouts("floored", FLOORED, floored.shape)
    yield from traces("floored", FLOORED, floored.shape)
    yield from rare("floored", FLOORED, floored.shape, empty=(0, 3, 7), sizes=((3, 1025), (1023, 7), (65537, 3)))
    yield from corners("added", ADDED, floored.shape)
