"""Cases of derivatives along a direction of x: of a layer that is differentiated forward, or twice."""

from collections.abc import Iterator
from typing import Any

from normspec.conformance.cases.draw import Difficulty, Modes, Noise
from normspec.layers.fields import moves

NEAR = Noise(offset=2.0**-6, spread=2.0**-5)
"""x for which epsilon has a part in the divisor, and in its derivatives."""


def tangents(name: str, spec: Any, shape: tuple[int, ...]) -> Iterator[Difficulty]:
    """Give a layer's derivatives, a step for each kind of statistics that it has: none where its gradient is not that of its y."""
    told: dict[str, Any] = {"spec": spec, "shapes": (shape,), "modes": modes_of(spec), "tangents": True}
    for about in ("tangent.y", "tangent.gradient") if told["modes"] else ():
        yield Difficulty(about=about, name=f"{name}-along", **told)
    if told["modes"] and hasattr(spec, "epsilon") and not hasattr(spec, "iterations"):  # whose epsilon is in what counts as constant
        yield Difficulty(about="tangent.gradient", name=f"{name}-along-near", noise=NEAR, **told)


def modes_of(spec: Any) -> Modes:
    """Give the modes in which a layer's derivatives are asked for."""
    if spec.layer == "spectral_norm":  # in training u and v move with x, and count as constants
        return ("evaluate",) if spec.evaluation == "kept" and not spec.replaces else ()
    if getattr(spec, "train_with", "batch") == "running":  # in training through a state, which is rounded to a dtype of its own
        return ("evaluate",)
    return ("evaluate", "train") if moves(spec) else ("train",)
