"""Cases of mean and variance normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, EVERY, FLOAT32, HALF, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import exact, rare
from normspec.conformance.cases.traces import traces
from normspec.layers import MeanVarianceNorm

SPACE = MeanVarianceNorm(
    axes=(0, 2),
    divide=True,
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    statistics_dtype="widened",
)
"""Over batch and space, as Caffe takes it by default."""
EXACT = replace(SPACE, epsilon=0.0, statistics_dtype="input")
"""Likewise without an epsilon, as ONNX has it by default."""
IMAGE = replace(SPACE, axes=(-3, -2, -1), epsilon=1 / 15, epsilon_place="floor", statistics_dtype="input")
"""Every image on its own, as TensorFlow has it: the floor is 1 over the root of 225 values."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    space = Family(name="space", spec=SPACE, shape=(5, 3, 7), square=(5, 5, 5), few=(3, 7, 1), other=((5, 3, 7, 6),), quick=ANY)
    yield from family(space)
    yield from family(replace(space, name="fast", spec=replace(SPACE, variance="one_pass"), other=(), quick=()))
    yield of(space, "divide", "usual", spec=replace(SPACE, epsilon=0.0), quick=ONE)
    for power, dtypes in ((0, EVERY), (1, SINGLE + HALF[:1]), (3, SINGLE)):
        yield of(space, "accuracy", f"exact-mean-1e{power}-times-std", spec=EXACT, noise=Noise(offset=10.0**power), dtypes=dtypes)
    yield of(space, "axes", "exact-unequal", spec=replace(EXACT, axes=(0, 2, 3)), shapes=((5, 3, 7, 6),), dtypes=SINGLE)
    mean_alone = replace(SPACE, divide=False, epsilon=0.0)
    for about in ("divide", "gradient.x", "output"):
        yield of(space, about, "mean-alone", spec=mean_alone)
    for axes in ((-1,), (0, 1, 2)):
        yield of(space, "axes", f"over-{'-'.join(map(str, axes))}", spec=replace(SPACE, axes=axes))
    image = Family(name="image", spec=IMAGE, shape=(7, 3, 5, 15), square=None, few=(7, 3, 5, 15), dtypes=SINGLE)
    yield of(image, "output", "bright", spec=IMAGE, noise=Noise(offset=0.5, spread=0.25))
    for about in ("epsilon", "epsilon_place", "gradient.x"):
        yield of(image, about, "low-contrast", noise=Noise(offset=0.5, spread=2.0**-6))
    yield of(image, "output", "brighter", noise=Noise(offset=5.0), dtypes=FLOAT32)
    yield of(
        space,
        "epsilon_place",
        "below-the-floor",
        spec=replace(SPACE, epsilon=2.0**-2, epsilon_place="floor"),
        noise=Noise(spread=2.0**-4),
        dtypes=SINGLE,
    )
    yield from layouts("space", SPACE, space.shape)
    yield from traces("space", SPACE, space.shape)
    yield from rare("space", SPACE, space.shape, empty=(5, 0, 7), sizes=((33, 3, 31), (3, 1025, 7), (3, 4099, 5)), flat=1)
    yield from corners("space", SPACE, space.shape)
    yield from exact("mean-alone", mean_alone, "divide", (2, 5, 4))
