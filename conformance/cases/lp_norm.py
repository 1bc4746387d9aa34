"""Cases of Lp normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, EVERY, FLOAT32, HALF, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import EACH, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import LpNorm

FLOORED = LpNorm(
    axes=(1,),
    order=2.0,
    epsilon=2.0**-6,
    epsilon_place="floor",
    at_zero="zero",
    statistics_dtype="input",
)
"""As PyTorch, Keras and TensorFlow have it."""
ADDED = replace(FLOORED, axes=(-1,), epsilon=2.0**-10, epsilon_place="inside", statistics_dtype="widened")
ZERO = Noise(flat=0, at=0.0)
"""x is 0 at the first index of its first axis."""
SMALL = Noise(offset=2.0**-8, spread=2.0**-8)
"""The norm is about the floor, above and below; squares are subnormal in float16."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    floored = Family(
        name="floored", spec=FLOORED, shape=(5, 3, 7), square=(5, 5, 5), few=(5, 1, 7), other=((3, 7), (3, 5, 6, 7)), quick=ANY, near=SMALL
    )
    added = replace(floored, name="added", spec=ADDED, quick=ONE, near=NEAR)
    yield from family(floored)
    yield from family(added)
    for f in (floored, added):
        yield from _orders(f)
        yield from _zero(f)
    for about in ("epsilon", "epsilon_place", "gradient.x"):
        yield of(floored, about, "about-the-floor", noise=SMALL, modes=EACH, dtypes=(*SINGLE, HALF[1]))
    for epsilon in (1e-12, 1e-6):
        tiny, at = Noise(offset=epsilon / 2, spread=epsilon / 2), replace(FLOORED, epsilon=epsilon, statistics_dtype="widened")
        yield of(floored, "epsilon", f"default-{epsilon}", spec=at, noise=tiny, dtypes=SINGLE)
        yield from _default(floored, epsilon)
    small = replace(FLOORED, epsilon=2.0**-13)  # its square is beyond float16, and nothing else is
    for axes in ((1,), (-1,)):
        yield of(floored, "gradient.x", f"zero-small-floor-over-{axes[0]}", spec=replace(small, axes=axes), noise=ZERO, dtypes=EVERY)
    yield of(floored, "axes", "two", spec=replace(FLOORED, axes=(-2, -1)))
    yield of(added, "output", "long", shapes=((3, 5003),), dtypes=FLOAT32)
    yield from layouts("floored", FLOORED, floored.shape)
    yield from traces("floored", FLOORED, floored.shape)
    yield from rare("floored", FLOORED, floored.shape, empty=(0, 3, 7), sizes=((3, 1025), (1023, 7), (65537, 3)))
    yield from corners("added", ADDED, floored.shape)


def _orders(f: Family) -> Iterator[Difficulty]:
    for order in (1.0, 2.0, 3.0):
        yield of(f, "order", str(order), spec=replace(f.spec, order=order), dtypes=EVERY if order < 3 else SINGLE)  # noqa: PLR2004
        for place in ("inside", "outside", "floor") if order != 1 else ("inside", "floor"):
            at = replace(f.spec, order=order, epsilon=2.0**-6, epsilon_place=place)
            yield of(f, "epsilon_place", f"order-{order}-{place}", spec=at, noise=Noise(offset=2.0**-6, spread=2.0**-5), dtypes=SINGLE)


def _zero(f: Family) -> Iterator[Difficulty]:
    for order in (1.0, 2.0, 3.0):
        at = replace(f.spec, order=order)
        yield of(f, "gradient.x", f"zero-order-{order}", spec=at, noise=ZERO, dtypes=SINGLE)
        exact = replace(at, epsilon=0.0, epsilon_place="inside")
        for what in ("zero", "no_number"):
            name = f"{what.replace('_', '-')}-order-{order}"
            yield of(
                f,
                "at_zero",
                name,
                spec=replace(exact, at_zero=what),
                noise=ZERO,
                dtypes=SINGLE if order > 2 else EVERY,  # noqa: PLR2004 - cubes leave the range of 16 bits
                gradients=what == "zero",
            )


def _default(f: Family, epsilon: float) -> Iterator[Difficulty]:
    """Give the clauses once more at a floor that frameworks have; where x is 0, its cotangent is beyond float16."""
    for axes in ((1,), (-1,)):
        at, name = replace(f.spec, epsilon=epsilon, axes=axes), f"default-{epsilon}-over-{axes[0]}"
        yield of(f, "output", name, spec=at)
        yield of(f, "gradient.x", f"{name}-zero", spec=at, noise=ZERO, dtypes=SINGLE)
        yield of(f, "gradient.x", f"{name}-small", spec=at, noise=Noise(offset=2.0**-6, spread=2.0**-7), dtypes=HALF)
