"""Faults of local response normalization: its window, its coefficient, its gradient."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, pulling
from normspec.conformance.mutants.epsilons import of
from normspec.conformance.mutants.record import mutant
from normspec.records import Array, Arrays


def _window_as_in_forward(layer: Altered, inputs: Arrays, dy: Array, found: Any) -> Any:
    """Sum the way through the windows over the same window as forward does, and not over its mirror image."""
    s, x, dy = layer.spec, inputs["x"].astype(np.float64), dy.astype(np.float64)
    (axis,) = s.channel_axes
    divisor = s.bias + s.coefficient * _window(x * x, axis, s.before, s.after)
    through = _window(dy * x * divisor ** (-s.exponent - 1), axis, s.before, s.after)
    del found
    return {"x": dy * divisor**-s.exponent - 2 * x * s.coefficient * s.exponent * through}


def _window(a: Array, axis: int, before: int, after: int) -> Array:
    width = [(0, 0)] * a.ndim
    width[axis] = (before, after)
    found: Array = np.lib.stride_tricks.sliding_window_view(np.pad(a, width), before + after + 1, axis).sum(axis=-1)
    return found


LRN = "uxlfoundation/oneDNN#396"

MUTANTS = (
    mutant(
        "coefficient-per-place",
        "the coefficient is divided by the window's length",
        "coefficient",
        LRN,
        **of(lambda s, _: {"coefficient": s.coefficient / (s.before + s.after + 1)}),
    ),
    mutant(
        "coefficient-of-the-sum",
        "the coefficient is multiplied by the window's length",
        "coefficient",
        LRN,
        **of(lambda s, _: {"coefficient": s.coefficient * (s.before + s.after + 1)}),
    ),
    mutant(
        "window-is-half",
        "the window's length is taken for that of its half",
        "before",
        "tensorflow/models#1536",
        **of(lambda s, _: {"before": s.before + s.after, "after": s.before + s.after}),
    ),
    mutant(
        "even-window-mirrored",
        "an even window is longer on the other side",
        "before",
        **of(lambda s, _: {"before": s.after, "after": s.before}),
    ),
    mutant(
        "even-window-cut",
        "an even window loses a place",
        "before",
        **of(lambda s, _: {"before": min(s.before, s.after), "after": min(s.before, s.after)}),
    ),
    mutant(
        "edges-of-places-within",
        "places beyond the edge are not counted",
        "edges",
        LRN,
        **of(lambda s, _: {"edges": "valid"} if s.edges == "zeros" else None),
    ),
    mutant("bias-is-one", "the bias is 1", "bias", **of(lambda *_: {"bias": 1.0})),
    mutant("exponent-doubled", "the exponent is that of the root", "exponent", **of(lambda s, _: {"exponent": 2 * s.exponent})),
    mutant(
        "window-not-mirrored",
        "the gradient sums over the window of forward",
        "gradient.x",
        make=pulling(_window_as_in_forward),
        where=lambda s, _: s.before != s.after and s.edges == "zeros",
        layers=("local_response_norm",),
    ),
)
"""Faults of windows."""
