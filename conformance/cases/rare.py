"""Cases of rare shapes and values: none, very many, tiny, huge, no numbers; and those on which sums are exact."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.draw import FLOAT32, HALF, MIXED, Difficulty, Dtypes, Modes, Noise
from normspec.layers.fields import moves

Shape = tuple[int, ...]
TINY = Noise(spread=1e-20)
"""Squares are subnormal in float32."""
HUGE = Noise(offset=3e17, spread=1e17)
"""Sums of squares are within float32, and no third power is."""
HUGE_HALF = Noise(offset=3e4, spread=3e3)
"""x is near the end of float16, and its squares are beyond."""
FAR = 300.1
"""A constant whose sums are rounded, so that the mean of equal values need not be their value."""


def rare(
    name: str,
    spec: Any,
    shape: Shape,
    *,
    empty: Shape | None = None,
    sizes: tuple[Shape, ...] = (),
    flat: int | None = None,
    huge: bool = True,
    tiny: bool = True,
    half: bool = True,
) -> Iterator[Difficulty]:
    """Give a layer's rare cases: with no values (`empty`), of odd sizes, constant far from 0 along an axis, tiny, huge, spoiled.

    Where a y is as large as a norm of x or larger than x, it has no digits where x is `tiny`, or leaves `half` precision where x is huge.
    What is empty is normalized in evaluation where a layer has state, for there is no mean of nothing.
    """
    keeps = any(slot.role == "state" for slot in spec.slots(shape).values())
    usual: dict[str, Any] = {"spec": spec, "shapes": (shape,), "modes": ("train",), "dtypes": FLOAT32}
    if empty is not None:
        modes: Modes = ("evaluate", "freeze") if keeps else ("train",)
        about = "keep" if keeps else "output"
        yield Difficulty(**{**usual, "shapes": (empty,), "modes": modes}, about=about, name=f"{name}-empty")
    for size in sizes:
        yield Difficulty(**{**usual, "shapes": (size,)}, about="output", name=f"{name}-size-{'-'.join(map(str, size))}")
    if flat is not None:
        yield Difficulty(**usual, about="gradient.x", name=f"{name}-constant-far", noise=Noise(flat=flat, at=FAR))
    shows = not hasattr(spec, "variance") or getattr(spec, "shift", False)  # else y is all error there
    if tiny and getattr(spec, "epsilon", 1.0) > 0 and shows:
        yield Difficulty(**usual, about="gradient.x", name=f"{name}-tiny", noise=TINY)
    if huge:
        yield Difficulty(**usual, about="gradient.x", name=f"{name}-huge", noise=HUGE)
    if huge and half and spec.statistics_dtype == "widened":
        narrow: Dtypes = MIXED[:1] if keeps else HALF[:1]  # no state may be that narrow
        own = {**usual, "dtypes": narrow, "gradients": False}  # cotangents are subnormal there
        yield Difficulty(**own, about="output", name=f"{name}-huge", noise=HUGE_HALF)
    yield Difficulty(**usual, about="output", name=f"{name}-no-number", spoiled=True)


def few_and_far(name: str, spec: Any, shape: Shape) -> Iterator[Difficulty]:
    """Give a case in float16 of few values per statistic whose mean is far above their deviation: rounding statistics shows most."""
    told: dict[str, Any] = {"shapes": (shape,), "modes": ("train", "freeze", "train"), "noise": Noise(offset=2.0, spread=2.0**-6)}
    yield Difficulty(**told, about="gradient.scale", name=f"{name}-few-far", spec=spec, dtypes=HALF[:1])


def exact(name: str, spec: Any, about: str, *shapes: Shape, modes: Modes = ("train",), count: int = 8) -> Iterator[Difficulty]:
    """Give a case of dyadic values: statistics are over 2, 4 or 8 of them, and corrected ones over 2."""
    dtypes = FLOAT32 + (MIXED[:1] if spec.statistics_dtype == "widened" and moves(spec) else ())
    for shape in shapes:
        n = spec.geometry(shape).n
        label, more = f"{name}-exact-over-{n}", n > 2  # noqa: PLR2004 - of two values, hardly anything is left in the cotangent of x
        own: dict[str, Any] = {"modes": modes, "dtypes": dtypes, "exact": True, "count": count, "gradients": more}
        yield Difficulty(about=about, name=label, spec=spec, shapes=(shape,), **own)


def population(spec: Any) -> Any:
    """Give a spec whose running variance is the population's."""
    return replace(spec, running=replace(spec.running, correction=0))
