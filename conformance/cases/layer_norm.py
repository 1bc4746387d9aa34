"""Cases of layer normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ALL, ANY, EVERY, FLOAT32, HALF, MIXED, ONE, SINGLE, Difficulty, Modes, Noise
from normspec.conformance.cases.layouts import layouts, mixed_layouts
from normspec.conformance.cases.rare import exact, few_and_far, rare
from normspec.conformance.cases.tangents import tangents
from normspec.conformance.cases.traces import traces
from normspec.layers import LayerNorm
from normspec.layers.fields import StatisticsDtype

LAST = LayerNorm(
    axes=(-1,),
    parameter_axes=(-1,),
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="shift",
)
LAST_TWO = replace(LAST, axes=(-2, -1), parameter_axes=(-2, -1))
CHANNELS = replace(LAST, axes=(1,), parameter_axes=(1,))
"""Over the channels alone, channels first: a point of its own, which no trailing axes can say at rank 3 and more."""

SHAPES: dict[int, tuple[tuple[int, ...], ...]] = {
    2: ((3, 7),),
    3: ((5, 3, 7), (6, 3, 7)),
    4: ((3, 5, 6, 7),),
    5: ((3, 5, 6, 7, 9),),
}
"""x of the first step and of those after it."""
STANDARD = SHAPES[3][:1]
"""x of every step where its shape does not matter: one shape, for compilers take long."""
LONG = 210
NEAR = Noise(offset=2.0**-6, spread=2.0**-5)
"""The variance is about epsilon."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    for name, spec in (("last", LAST), ("last-two", LAST_TWO)):
        yield from _plain(name, spec)
        yield from _semantic(name, spec)
        yield from _dtypes(name, spec)
        yield from tangents(name, spec, STANDARD[0])
    yield from _shapes()
    yield from _accuracy()
    yield from _fast()
    yield from _points()
    fast = replace(LAST, variance="one_pass", output_dtype="promoted")
    for name, spec in (("last", LAST), ("last-two", LAST_TWO), ("fast", fast)):
        yield Difficulty(about="mask", name=name, spec=spec, shapes=STANDARD, dtypes=EVERY, masked=True)
    told: dict[str, Any] = {"about": "mask", "spec": fast, "modes": ("train",), "dtypes": FLOAT32, "masked": True}
    yield Difficulty(**told, name="fast-square", shapes=((5, 5, 5),))
    yield Difficulty(**told, name="fast-no-number-masked", shapes=STANDARD, hidden=True)
    many = ((70_001, 1, 3),)
    yield Difficulty(about="gradient.scale", name="last-two-many", spec=LAST_TWO, shapes=many, modes=("train",), dtypes=FLOAT32)
    yield from few_and_far("last", LAST, (5, 7))
    yield from corners("last", LAST, STANDARD[0], alone=FLOAT32 + MIXED)
    yield from layouts("last", LAST, STANDARD[0])
    yield from mixed_layouts("last", LAST, STANDARD[0])
    yield from traces("last", LAST, STANDARD[0])
    yield from rare("last", LAST, STANDARD[0], empty=(0, 3, 7), sizes=((33, 1025), (65537, 3)), flat=0)
    yield from exact("last", LAST, "gradient.shift", (5, 3, 8))


def _plain(name: str, spec: LayerNorm) -> Iterator[Difficulty]:
    for rank, shapes in SHAPES.items():
        if rank > len(spec.axes):
            dtypes, first = ALL if len(shapes) > 1 else FLOAT32, ONE if spec == LAST and len(shapes) > 1 else ()
            yield Difficulty(about="output", name=f"{name}-rank-{rank}", spec=spec, shapes=shapes, dtypes=dtypes, quick=first)
    quick = ANY if spec == LAST else ONE
    yield Difficulty(
        about="modes", name=name, spec=spec, shapes=STANDARD, modes=("train", "evaluate", "freeze"), dtypes=EVERY, repeat=True, quick=quick
    )
    deferred: Modes = ("train", "evaluate", "freeze")
    yield Difficulty(about="pullback", name=name, spec=spec, shapes=SHAPES[3], modes=deferred, dtypes=EVERY, deferred=True, quick=ONE)
    flat = Noise(flat=0)
    yield Difficulty(about="gradient.x", name=f"{name}-constant", spec=spec, shapes=STANDARD, noise=flat, quick=quick)
    one = ((1, *SHAPES[3][0][1:]),)
    yield Difficulty(about="output", name=f"{name}-batch-of-one", spec=spec, shapes=one, dtypes=FLOAT32)
    yield Difficulty(about="born", name=name, spec=spec, shapes=STANDARD, modes=("train",), dtypes=EVERY, quick=quick)


def _shapes() -> Iterator[Difficulty]:
    """Ranks and axes that kernels treat apart, and a long row."""
    modes: Modes = ("train", "evaluate")
    for name, axes, lie, shape in (
        ("rank-1", (-1,), (-1,), (7,)),
        ("rank-6", (-1,), (-1,), (3, 5, 6, 7, 9, 10)),
        ("last-three", (-3, -2, -1), (-3, -2, -1), (5, 3, 6, 7)),
        ("every-axis", (0, 1, 2), (0, 1, 2), (5, 3, 7)),
        ("parameters-over-more", (-1,), (-2, -1), (5, 3, 7)),
        ("parameters-elsewhere", (-1,), (1,), (5, 3, 7)),
        ("long", (-1,), (-1,), (3, 5003)),
    ):
        at = replace(LAST, axes=axes, parameter_axes=lie)
        yield Difficulty(about="output", name=name, spec=at, shapes=(shape,), modes=modes, dtypes=FLOAT32)


def _semantic(name: str, spec: LayerNorm) -> Iterator[Difficulty]:
    shapes, quick = STANDARD, ANY if spec == LAST else ONE
    square = ((5, 5, 5),)
    for about in ("axes", "parameter_axes"):
        yield Difficulty(about=about, name=f"{name}-unequal", spec=spec, shapes=SHAPES[4], dtypes=EVERY)
        yield Difficulty(about=about, name=f"{name}-square", spec=spec, shapes=square, dtypes=SINGLE, quick=ONE if spec == LAST else ())
    yield Difficulty(about="epsilon", name=f"{name}-near", spec=spec, shapes=shapes, dtypes=EVERY, quick=quick, noise=NEAR)
    for epsilon in (1e-3, 1e-5, 1e-6) if spec == LAST else ():
        at, near = replace(spec, epsilon=epsilon), Noise(offset=epsilon**0.5, spread=epsilon**0.5)
        yield Difficulty(about="epsilon", name=f"{name}-default-{epsilon}", spec=at, shapes=shapes, dtypes=FLOAT32, noise=near)
    yield Difficulty(about="epsilon_place", name=f"{name}-near", spec=spec, shapes=shapes, dtypes=EVERY, quick=quick, noise=NEAR)
    yield Difficulty(about="correction", name=name, spec=spec, shapes=shapes, dtypes=EVERY, quick=quick)
    for scale, shift in ((True, True), (True, False), (False, True), (False, False)):
        at, label = replace(spec, scale=scale, shift=shift), f"{name}-scale-{scale}-shift-{shift}".lower()
        for about in ("scale", "shift"):
            dtypes = EVERY if scale == shift else FLOAT32
            yield Difficulty(about=about, name=label, spec=at, shapes=shapes, dtypes=dtypes, quick=ONE if scale == shift else ())
    one = ((3, *(1,) * len(spec.axes)),)
    yield Difficulty(
        about="one_value",
        name=f"{name}-one",
        spec=spec,
        shapes=one,
        modes=("train", "evaluate"),
        dtypes=EVERY,
        quick=ONE if spec == LAST else (),
    )


def _dtypes(name: str, spec: LayerNorm) -> Iterator[Difficulty]:
    quick = ANY if spec == LAST else ONE
    large = Noise(offset=300.0, spread=700.0)  # variances beyond float16
    yield Difficulty(about="statistics_dtype", name=f"{name}-large", spec=spec, shapes=STANDARD, dtypes=ALL, quick=quick, noise=large)
    yield Difficulty(about="output_dtype", name=f"{name}-mixed", spec=spec, shapes=STANDARD, dtypes=ALL, quick=quick)


def _accuracy() -> Iterator[Difficulty]:
    for power in range(1, 5):
        for n in (7, LONG):
            name = f"mean-1e{power}-times-std-over-{n}"
            yield Difficulty(
                about="accuracy",
                name=name,
                spec=LAST,
                shapes=((5, n),),
                modes=("train",),
                dtypes=EVERY if power == 1 else SINGLE,  # in 16 bits, x of a larger mean has hardly two values left
                noise=Noise(offset=10.0**power),
                quick=ONE if power == 4 and n == LONG else (),  # noqa: PLR2004
            )


def _fast() -> Iterator[Difficulty]:
    """One pass, as Flax does by default: what every layer must show, and the rungs on which it still gives digits."""
    fast = replace(LAST, variance="one_pass", output_dtype="promoted")
    yield Difficulty(about="output", name="fast-rank-2", spec=fast, shapes=SHAPES[2], dtypes=EVERY)
    yield Difficulty(about="output", name="fast-rank-3", spec=fast, shapes=STANDARD, dtypes=ALL, quick=ANY)
    yield Difficulty(about="gradient.x", name="fast-constant", spec=fast, shapes=STANDARD, noise=Noise(flat=0), dtypes=EVERY)
    yield Difficulty(about="epsilon", name="fast-near", spec=fast, shapes=STANDARD, noise=NEAR, dtypes=EVERY, quick=ANY)
    yield Difficulty(about="correction", name="fast", spec=fast, shapes=STANDARD, dtypes=EVERY, quick=ANY)
    one: Modes = ("train", "evaluate")
    yield Difficulty(about="one_value", name="fast-one", spec=fast, shapes=((3, 1),), modes=one, dtypes=EVERY)
    for power, dtypes in ((1, EVERY), (2, SINGLE), (3, SINGLE[:1]), (4, SINGLE[:1])):
        noise, name = Noise(offset=10.0**power), f"fast-mean-1e{power}-times-std"
        yield Difficulty(about="variance", name=name, spec=fast, shapes=((5, LONG),), modes=("train",), dtypes=dtypes, noise=noise)
    bare = replace(fast, scale=False, shift=False)
    yield Difficulty(
        about="output", name="fast-bare", spec=replace(bare, statistics_dtype="input"), shapes=STANDARD, dtypes=(*SINGLE, HALF[0])
    )


def _points() -> Iterator[Difficulty]:
    """Points of the space that fewer frameworks occupy: each clause once more from the other side."""
    shapes = SHAPES[4]
    yield Difficulty(about="output", name="channels-square", spec=CHANNELS, shapes=((5, 5, 5),))
    yield Difficulty(about="axes", name="channels", spec=CHANNELS, shapes=((5, 3, 6, 7),), dtypes=EVERY)
    apart = replace(LAST_TWO, parameter_axes=(-1,))
    yield Difficulty(about="parameter_axes", name="last-of-two", spec=apart, shapes=shapes, dtypes=EVERY)
    yield Difficulty(about="epsilon", name="zero", spec=replace(LAST, epsilon=0.0), shapes=shapes, noise=NEAR)
    outside = replace(LAST, epsilon=2.0**-6, epsilon_place="outside")
    yield Difficulty(about="epsilon_place", name="outside", spec=outside, shapes=shapes, dtypes=EVERY, noise=NEAR)
    yield Difficulty(about="correction", name="sample", spec=replace(LAST, correction=1), shapes=shapes, dtypes=EVERY)
    refuse = replace(LAST, one_value="refuse")
    yield Difficulty(
        about="one_value", name="refuse", spec=refuse, shapes=((3, 5, 1),), modes=("train", "evaluate", "freeze"), dtypes=EVERY
    )
    narrow: tuple[tuple[StatisticsDtype, Any], ...] = (("input", HALF), ("float32", SINGLE))
    even = Noise(spread=5.0, drift=0.125)  # in bfloat16, a mean as large as the deviation would leave hardly a digit
    for rule, dtypes in narrow:  # about the output, for to be more accurate breaks no clause; no sum of squares overflows
        at = replace(LAST, statistics_dtype=rule)
        yield Difficulty(about="output", name=f"statistics-in-{rule}", spec=at, shapes=shapes, dtypes=dtypes, noise=even)
    yield Difficulty(about="output_dtype", name="promoted", spec=replace(LAST, output_dtype="promoted"), shapes=shapes, dtypes=ALL)
