"""Cases of dynamic tanh: for every clause, at the points of the space that published code occupies."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ALL, ANY, FLOAT32, MIXED, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import EACH, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import DynamicTanh

LAST = DynamicTanh(
    parameter_axes=(-1,),
    initial_alpha=0.5,
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="promoted",
)
"""As its authors have it, with the channels last."""
FIRST = replace(LAST, parameter_axes=(1,), initial_alpha=0.25, statistics_dtype="input", output_dtype="input")
BENT = Noise(offset=3.0, spread=2.0)
"""The tanh is near 1, and its slope small."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    last = Family(
        name="last", spec=LAST, shape=(5, 3, 7), square=(5, 5, 5), few=(5, 3, 1), other=((3, 7), (3, 5, 6, 7)), quick=ANY, large=None
    )
    for f in (last, replace(last, name="first", spec=FIRST, quick=ONE)):
        yield from family(f)
        yield of(f, "initial_alpha", "born", quick=f.quick[:1])
        for about in ("gradient.x", "gradient.alpha"):
            yield of(f, about, "bent", noise=BENT, modes=EACH)
        for about in ("gradient.scale", "gradient.shift"):
            yield of(f, about, "square", shapes=(f.square or f.shape,), dtypes=SINGLE)
        for axes in ((), (-2, -1)):
            yield of(f, "parameter_axes", f"{len(axes)}", spec=replace(f.spec, parameter_axes=axes), dtypes=SINGLE)
    yield of(last, "statistics_dtype", "mixed", dtypes=SINGLE + MIXED)
    bare = replace(LAST, scale=False, shift=False)
    for about in ("output", "gradient.alpha"):
        yield of(last, about, "bare", spec=bare, dtypes=ALL)
    yield of(last, "gradient.x", "zero", noise=Noise(flat=0, at=0.0), dtypes=SINGLE)
    yield of(last, "output", "long", shapes=((3, 5003),), dtypes=FLOAT32)
    yield from layouts("last", LAST, last.shape)
    yield from traces("last", LAST, last.shape)
    yield from rare("last", LAST, last.shape, empty=(0, 3, 7), sizes=((3, 1025), (1023, 7)))
    yield from corners("last", LAST, last.shape)
