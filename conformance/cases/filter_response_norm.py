"""Cases of filter response normalization: for every clause, at the points of the space that published code occupies."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import EACH, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import FilterResponseNorm

LAST = FilterResponseNorm(
    axes=(1, 2),
    parameter_axes=(-1,),
    epsilon=2.0**-10,
    offset=True,
    initial_offset=2.0**-13,
    scale=True,
    shift=True,
    threshold=True,
    statistics_dtype="widened",
    output_dtype="promoted",
)
"""As its authors have it, with a learned epsilon and the channels last."""
FIRST = replace(
    LAST, axes=(-2, -1), parameter_axes=(1,), offset=False, initial_offset=2.0**-10, statistics_dtype="input", output_dtype="input"
)
LINEAR = replace(LAST, threshold=False, offset=False)


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    shape, square = (3, 5, 6, 7), (5, 5, 5, 5)
    last = Family(name="last", spec=LAST, shape=shape, square=square, few=shape, other=((1, 5, 6, 7),), quick=ANY)
    first = replace(last, name="first", spec=FIRST, quick=ONE)
    for f in (last, first):
        yield from family(f)
        learned = replace(f.spec, offset=True)
        yield of(f, "initial_offset", "born", spec=learned, quick=f.quick[:1])
        yield of(f, "gradient.offset", "near", spec=learned, noise=NEAR, modes=EACH)
        for about in ("scale", "shift", "threshold"):
            yield of(f, f"gradient.{about}", "square", shapes=(square,), modes=EACH, dtypes=SINGLE)
        for flat in (0, 1):
            yield of(f, "gradient.x", f"zero-{flat}", noise=Noise(flat=flat, at=0.0), dtypes=SINGLE)
        for about in ("gradient.x", "gradient.threshold"):
            yield of(f, about, "tied", noise=Noise(flat=2, at=0.0), tied=True, dtypes=SINGLE)
        yield of(f, "axes", "one", spec=replace(f.spec, axes=(2,)))
        yield of(f, "parameter_axes", "two", spec=replace(f.spec, parameter_axes=(1, 2)), dtypes=SINGLE)
        yield of(f, "shift", "without-scale", spec=replace(f.spec, scale=False))
    yield of(last, "output", "rank-3", spec=replace(LAST, axes=(1,)), shapes=((5, 3, 7),))
    for about in ("output", "gradient.x"):
        yield of(last, about, "bare", spec=replace(LINEAR, scale=False, shift=False))
        yield of(last, about, "linear", spec=LINEAR)
    yield of(last, "output", "long", shapes=((3, 71, 73, 5),), dtypes=FLOAT32)
    yield from layouts("last", LAST, shape)
    yield from traces("last", LAST, shape)
    yield from rare("last", LAST, shape, empty=(0, 5, 6, 7), sizes=((3, 33, 31, 5), (3, 5, 6, 257), (3, 5, 1, 4099)))
    yield from corners("linear", LINEAR, shape)
