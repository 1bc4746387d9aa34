"""Cases where two rare points meet, and of an epsilon that is a framework's own or too small for float16: one of each for a layer."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from normspec.conformance.cases.draw import FLOAT32, HALF, MIXED, Difficulty, Dtypes, Noise
from normspec.layers.fields import moves

USUAL = 1e-5
"""The epsilon that most frameworks have by default."""
BELOW = 2.0**-27
"""An epsilon that float16 rounds to 0."""


def corners(
    name: str, spec: Any, shape: tuple[int, ...], *, near: float = 1.0, product: bool = False, alone: Dtypes = FLOAT32
) -> Iterator[Difficulty]:
    """Give a layer's corners. x is about the root of epsilon times `near`, so that epsilon shows; shift `alone` is in these dtypes."""
    known = {field.name for field in fields(spec)}
    usual: dict[str, Any] = {"shapes": (shape,), "modes": ("train",), "dtypes": FLOAT32}
    inside: dict[str, Any] = {"epsilon_place": "inside"} if "epsilon_place" in known else {}
    if "epsilon" in known:
        at = replace(spec, epsilon=USUAL, **inside)
        root = USUAL**0.5 * near
        noise = Noise(offset=0.0 if product else root, spread=root, product=product)
        yield Difficulty(**usual, about="epsilon", name=f"{name}-usual", spec=at, noise=noise)
        yield _below(name, replace(spec, **inside), shape, near, product=product)
    if {"scale", "shift"} <= known:
        shifted = replace(spec, scale=False, shift=True)
        yield Difficulty(**{**usual, "dtypes": alone}, about="shift", name=f"{name}-without-scale", spec=shifted)
    if {"scale", "epsilon_place"} <= known:
        own = {"initial_scale": "one"} if "initial_scale" in known else {}
        bare = replace(spec, **own, scale=False, epsilon=2.0**-6, epsilon_place="outside")
        yield Difficulty(**usual, about="output", name=f"{name}-outside-without-scale", spec=bare)


def _below(name: str, spec: Any, shape: tuple[int, ...], near: float, *, product: bool) -> Difficulty:
    """Give a case in which epsilon is beneath float16's numbers; no gradients, for those are beyond them."""
    at = replace(spec, epsilon=BELOW, statistics_dtype="widened")
    root = BELOW**0.5 * near
    noise = Noise(offset=0.0 if product else root, spread=root, product=product)
    dtypes: Dtypes = MIXED[:1] if moves(spec) else HALF[:1]  # no state may be that narrow
    told: dict[str, Any] = {"shapes": (shape,), "modes": ("train",), "dtypes": dtypes, "gradients": False}
    return Difficulty(**told, about="epsilon", name=f"{name}-below-float16", spec=at, noise=noise)
