"""Cases of global response normalization: for every clause, at the points of the space that published code occupies."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import BELOW
from normspec.conformance.cases.draw import ANY, FLOAT32, MIXED, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import EACH, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import GlobalResponseNorm

LAST = GlobalResponseNorm(
    axes=(1, 2),
    channel_axes=(-1,),
    epsilon=2.0**-10,
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="promoted",
)
"""As its authors have it, with the channels last."""
FIRST = replace(LAST, axes=(-2, -1), channel_axes=(1,), statistics_dtype="input", output_dtype="input")
DEFAULTS = (1e-6, 1e-5)
"""The epsilon that its authors have, and that of other layers."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    shape, square = (3, 5, 6, 7), (5, 5, 5, 5)
    last = Family(name="last", spec=LAST, shape=shape, square=square, few=shape, other=((1, 5, 6, 7),), quick=ANY)
    first = replace(last, name="first", spec=FIRST, quick=ONE)
    for f in (last, first):
        yield from family(f)
        for about in ("gradient.scale", "gradient.shift"):
            yield of(f, about, "square", shapes=(square,), modes=EACH, dtypes=SINGLE)
        yield of(f, "gradient.x", "zero-sample", noise=Noise(flat=0, at=0.0), dtypes=SINGLE)
        for epsilon in DEFAULTS:
            tiny = Noise(offset=epsilon / 8, spread=epsilon / 8)
            yield of(f, "epsilon", f"default-{epsilon}", spec=replace(f.spec, epsilon=epsilon), noise=tiny, dtypes=SINGLE)
        yield of(f, "shift", "without-scale", spec=replace(f.spec, scale=False))
    for f, axes in ((last, (1,)), (first, (-1,))):
        one = replace(f.spec, axes=axes)
        yield of(f, "axes", "one", spec=one)
        yield of(f, "gradient.x", "zero-channel", spec=one, noise=Noise(flat=1 if f is first else 2, at=0.0), dtypes=SINGLE)
    for f in (last, first):
        yield of(f, "channel_axes", "elsewhere-square", spec=replace(f.spec, axes=(2,)), shapes=(square,), dtypes=SINGLE)
    two = replace(LAST, axes=(1,), channel_axes=(2, 3))
    yield of(last, "channel_axes", "two", spec=two, dtypes=SINGLE)
    yield of(last, "output", "rank-3", spec=replace(LAST, axes=(1,)), shapes=((5, 3, 7),))
    yield of(last, "gradient.x", "near", spec=replace(LAST, epsilon=2.0**-3), noise=NEAR, dtypes=SINGLE)
    for about in ("output", "gradient.x"):
        yield of(last, about, "bare", spec=replace(LAST, scale=False, shift=False))
    least = Noise(spread=2.0**-24)  # of float16, so that norms are not far above an epsilon that it rounds to 0
    below = replace(LAST, epsilon=BELOW, shift=False)
    yield of(last, "epsilon", "below-float16", spec=below, noise=least, dtypes=MIXED[:1], gradients=False)
    yield of(last, "output", "long", shapes=((3, 71, 73, 5),), dtypes=FLOAT32)
    yield from layouts("last", LAST, shape)
    yield from traces("last", LAST, shape)
    sizes = ((3, 33, 31, 5), (3, 5, 6, 257), (3, 5, 1, 4099))
    yield from rare("last", LAST, shape, empty=(0, 5, 6, 7), sizes=sizes, tiny=False, half=False)
