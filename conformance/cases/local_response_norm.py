"""Cases of local response normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.draw import ANY, EVERY, FLOAT32, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import LocalResponseNorm

FIRST = LocalResponseNorm(
    channel_axes=(1,),
    before=2,
    after=2,
    coefficient=0.125,
    exponent=0.75,
    bias=1.0,
    edges="zeros",
    statistics_dtype="input",
)
LAST = replace(FIRST, channel_axes=(-1,), exponent=0.5, bias=2.0)
"""Channels first as PyTorch has them, and last as TensorFlow."""

AWAY: tuple[tuple[str, Any], ...] = (
    ("before", 1),
    ("before", 0),
    ("after", 1),
    ("after", 3),
    ("coefficient", 0.625),
    ("coefficient", 0.0),
    ("exponent", 0.5),
    ("exponent", 1.0),
    ("bias", 2.0),
    ("edges", "valid"),
)
"""Fields and the values at which they are tried besides, one at a time."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(3, 7, 5), square=(7, 7, 7), few=(5, 3, 1), other=((3, 7, 5, 6), (1, 3, 7)), quick=ANY)
    last = Family(name="last", spec=LAST, shape=(3, 5, 6, 7), square=(7, 7, 7, 7), few=(5, 1, 1, 3), other=((1, 3, 6, 7),), quick=ONE)
    for f in (first, last):
        yield from family(f)
        for about in ("before", "after", "coefficient", "exponent", "bias", "edges"):
            yield of(f, about, "usual")
        for about, value in AWAY:
            at = replace(f.spec, **{about: value})
            yield of(f, about, str(value), spec=at, dtypes=EVERY if about == "edges" else SINGLE)
        for about in ("edges", "output"):
            yield of(f, about, "few-channels", shapes=(f.few,), dtypes=SINGLE)
        symmetric = replace(f.spec, before=1, after=2), replace(f.spec, before=2, after=1)
        for k, at in enumerate(symmetric):  # even windows: one place more before or after
            yield of(f, "before", f"even-{k}", spec=at)
        yield of(f, "coefficient", "alexnet", spec=replace(f.spec, coefficient=1e-4, bias=2.0), noise=Noise(spread=40.0), dtypes=FLOAT32)
    yield from layouts("first", FIRST, first.shape)
    yield from traces("first", FIRST, first.shape)
    yield from rare("first", FIRST, first.shape, empty=(0, 7, 5), sizes=((3, 33, 31), (1, 7, 4099)), huge=False)
