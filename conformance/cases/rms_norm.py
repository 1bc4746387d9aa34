"""Cases of RMS normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, EVERY, FLOAT32, HALF, MIXED, ONE, SINGLE, Difficulty, Dtypes, Noise
from normspec.conformance.cases.family import EACH, LARGE, NEAR, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import exact, rare
from normspec.conformance.cases.traces import traces
from normspec.layers import RMSNorm

LAST = RMSNorm(
    axes=(-1,),
    parameter_axes=(-1,),
    fraction=1.0,
    epsilon=2.0**-10,
    epsilon_place="inside",
    scale=True,
    shift=False,
    rounding="last",
    statistics_dtype="widened",
    output_dtype="input",
)
LAST_TWO = replace(LAST, axes=(-2, -1), parameter_axes=(-2, -1))
PROMOTED = replace(LAST, output_dtype="promoted")


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    others = ((3, 7), (3, 5, 6, 7), (1, 3, 7))
    last = Family(name="last", spec=LAST, shape=(5, 3, 7), square=(5, 5, 5), few=(5, 7, 3), other=others, quick=ANY)
    two = replace(last, name="last-two", spec=LAST_TWO, other=((3, 5, 6, 7),), quick=ONE)
    for f in (last, two, replace(last, name="promoted", spec=PROMOTED, other=(), quick=ONE)):
        yield from family(f)
    for epsilon in (1e-5, 1e-6):
        near = Noise(offset=epsilon**0.5, spread=epsilon**0.5)
        yield of(last, "epsilon", f"default-{epsilon}", spec=replace(LAST, epsilon=epsilon), noise=near, dtypes=FLOAT32)
    yield of(last, "output", "long", shapes=((3, 5003),), dtypes=FLOAT32)
    yield of(last, "gradient.x", "zero", noise=Noise(flat=0, at=0.0))
    yield from _points(last)
    yield from _others(last)
    yield from layouts("last", LAST, last.shape)
    yield from traces("last", LAST, last.shape)
    yield from rare("last", LAST, last.shape, empty=(0, 3, 7), sizes=((3, 1025), (65537, 3)))
    yield from corners("last", LAST, last.shape)
    yield from exact("shifted", replace(LAST, shift=True), "gradient.shift", (5, 3, 8))


def _points(f: Family) -> Iterator[Difficulty]:
    """Points of the space that fewer frameworks occupy: each clause once more from the other side."""
    for scale in (True, False):
        shifted = replace(f.spec, scale=scale, shift=True)
        for about in ("shift", "gradient.shift"):
            yield of(f, about, f"shifted-scale-{scale}".lower(), spec=shifted)
        yield of(f, "gradient.shift", f"square-scale-{scale}".lower(), spec=shifted, shapes=(f.square,), dtypes=SINGLE)
    for name, spec in (("last", f.spec), ("two", LAST_TWO), ("middle", replace(f.spec, axes=(0, 2), parameter_axes=(0, 2)))):
        for fraction in (1.0, 0.5, 0.3):
            yield of(f, "fraction", f"{name}-{fraction}", spec=replace(spec, fraction=fraction), dtypes=EVERY if name == "last" else SINGLE)
    for scale, shift in ((True, False), (True, True), (False, True)):
        for rounding in ("last", "before_scale"):
            at, name = (
                replace(f.spec, rounding=rounding, scale=scale, shift=shift),
                f"{rounding}-scale-{scale}-shift-{shift}".replace("_", "-"),
            )
            yield of(f, "output", f"rounding-{name.lower()}", spec=at, dtypes=HALF)
            wide = replace(at, output_dtype="promoted")  # where y itself is rounded no more, many bounds lie between the two
            yield of(f, "rounding", name.lower(), spec=wide, dtypes=MIXED + SINGLE)
    rounded = replace(f.spec, rounding="before_scale", statistics_dtype="input")
    yield of(f, "output", "rounding-before-scale-in-input", spec=rounded, dtypes=HALF)
    channels = replace(f.spec, axes=(1,), parameter_axes=(1,))
    yield of(f, "axes", "channels", spec=channels, shapes=((3, 5, 6, 7),))
    yield of(f, "output", "channels-square", spec=channels, shapes=(f.square,))
    elsewhere = replace(f.spec, parameter_axes=(1,))
    yield of(f, "parameter_axes", "elsewhere", spec=elsewhere, shapes=((3, 5, 6, 7),))
    partial = replace(f.spec, fraction=0.5, epsilon=2.0**-6, epsilon_place="outside")
    yield of(f, "epsilon_place", "partial", spec=partial, noise=NEAR, dtypes=SINGLE)


def _others(f: Family) -> Iterator[Difficulty]:
    """Scales as a layer can have them that keeps what scale is more than 1, 1 + w; and rounding before scale, in 16 bits."""
    before = replace(f.spec, rounding="before_scale")
    yield from _again(f, "coarse", FLOAT32 + HALF, coarse=True)
    yield from _again(f, "before-scale", HALF, spec=before)
    yield from _again(f, "before-scale-promoted", MIXED, spec=replace(before, output_dtype="promoted"))
    narrow = replace(f.spec, statistics_dtype="float32")
    yield of(f, "output", "coarse-statistics-in-float32", spec=narrow, coarse=True, dtypes=SINGLE)
    yield of(f, "axes", "coarse-unequal", shapes=((3, 5, 6, 7),), coarse=True, dtypes=FLOAT32)
    yield of(f, "gradient.x", "coarse-zero", noise=Noise(flat=0, at=0.0), coarse=True, dtypes=FLOAT32)
    for about, name in (("output_dtype", "input"), ("rounding", "last")):
        yield of(f, about, f"coarse-{name}", coarse=True, dtypes=MIXED)


def _again(f: Family, name: str, dtypes: Dtypes, **told: Any) -> Iterator[Difficulty]:
    """Give the clauses that a layer shows in every dtype once more."""
    yield of(f, "output", f"{name}-usual", dtypes=dtypes, quick=ANY, **told)
    yield of(f, "scale", f"{name}-true", dtypes=dtypes, noise=LARGE, **told)
    yield of(f, "epsilon", f"{name}-near", dtypes=dtypes, noise=NEAR, **told)
    yield of(f, "accuracy", f"{name}-mean-4-times-std", dtypes=dtypes, noise=Noise(offset=4.0), **told)
    yield of(f, "gradient.scale", f"{name}-usual", dtypes=dtypes, **told)
    yield of(f, "pullback", f"{name}-last-first", dtypes=dtypes, modes=EACH, deferred=True, **told)
    yield of(f, "modes", f"{name}-each", dtypes=dtypes, modes=EACH, repeat=True, **told)
