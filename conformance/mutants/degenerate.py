"""Faults where there is little to normalize: one value, no value, no variance, no number, lengths that are rare."""

from collections.abc import Callable
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, giving, pulling
from normspec.conformance.mutants.record import DIVIDING, STANDARDIZING, mutant
from normspec.records import Array, Arrays, Mode, Situation

WIDE = np.float64


def _of_flat(change: Callable[[Altered, Array, Array], Array]) -> Callable[[Altered, Arrays, Array], Array]:
    """Give a change of y where the values of a statistic are all alike: `change` gets layer, y, and where that is."""

    def changed(layer: Altered, inputs: Arrays, y: Array) -> Array:
        at = layer.spec.geometry(y.shape)
        x = inputs["x"].astype(WIDE).reshape(at.view)
        flat = (x.max(axis=at.axes, keepdims=True) == x.min(axis=at.axes, keepdims=True)) if x.size else np.zeros_like(x, bool)
        return change(layer, y, np.broadcast_to(flat, at.view).reshape(y.shape))

    return changed


def _no_number(_: Altered, y: Array, flat: Array) -> Array:
    return np.where(flat, np.nan, y.astype(WIDE))


_flat_no_number = _of_flat(_no_number)


def _flat_dx(layer: Altered, inputs: Arrays, dy: Array, found: Any) -> Any:
    del dy
    return {"x": _flat_no_number(layer, inputs, found["x"])}


def _zeros(layer: Altered, inputs: Arrays) -> Array:
    at = layer.spec.geometry(inputs["x"].shape)
    none = (inputs["x"].astype(WIDE).reshape(at.view) == 0).all(axis=at.axes, keepdims=True)
    return np.broadcast_to(none, at.view).reshape(inputs["x"].shape)


def _zero_vector(layer: Altered, inputs: Arrays, y: Array) -> Array:
    return np.where(_zeros(layer, inputs), np.nan, y.astype(WIDE))


def _zero_vector_dx(layer: Altered, inputs: Arrays, dy: Array, found: Any) -> Any:
    del dy
    return {"x": np.where(_zeros(layer, inputs), np.nan, found["x"].astype(WIDE))}


def _leaks(layer: Altered, inputs: Arrays, y: Array) -> Array:
    del layer
    return y if np.isfinite(inputs["x"].astype(WIDE)).all() else np.full_like(y, np.nan)


def _empty_moves(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    taken = layer.right.forward(inputs, mode)
    if not inputs["x"].size:
        layer.right.load({n: np.full_like(a, np.nan) for n, a in layer.owned("state").items()})
    return taken


def _empty_raises(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if not inputs["x"].size:
        raise ValueError("x must have values, got none")
    return layer.right.forward(inputs, mode)


def _long(layer: Altered, inputs: Arrays, y: Array) -> Array:
    del layer, inputs
    return y.astype(WIDE) * 1.5 if max(y.shape, default=0) > 4096 else y  # noqa: PLR2004 - what a block has


def _squares_overflow(layer: Altered, inputs: Arrays, y: Array) -> Array:
    """Give 0 where the squares of values beyond 256 overflow in float16."""
    at = layer.spec.geometry(y.shape)
    x = np.abs(inputs["x"].astype(WIDE)).reshape(at.view)
    over = x.max(axis=at.axes, keepdims=True, initial=0) > 256  # noqa: PLR2004 - the root of float16's largest
    return np.where(np.broadcast_to(over, at.view).reshape(y.shape), 0, y.astype(WIDE))


def _stateful(spec: Any, at: Situation) -> bool:
    return any(slot.role == "state" for slot in spec.slots(at.shape).values())


MUTANTS = (
    mutant(
        "flat-no-number",
        "y is no number where the variance is 0",
        "output",
        "pytorch/pytorch#181696",
        layers=STANDARDIZING,
        where=lambda s, _: s.epsilon > 0,
        make=giving(_flat_no_number),
    ),
    mutant(
        "flat-dx-no-number",
        "the gradient is no number where the variance is 0",
        "gradient.x",
        "tracel-ai/burn#1992",
        layers=STANDARDIZING,
        where=lambda s, _: s.epsilon > 0,
        make=pulling(_flat_dx),
    ),
    mutant(
        "zero-vector-no-number",
        "y of a zero vector is no number",
        "output",
        "pytorch/pytorch#3264",
        layers=DIVIDING,
        where=lambda s, _: getattr(s, "at_zero", "zero") == "zero",
        make=giving(_zero_vector),
    ),
    mutant(
        "zero-vector-dx-no-number",
        "the gradient at a zero vector is no number",
        "gradient.x",
        "keras-team/keras#23075",
        layers=DIVIDING,
        where=lambda s, _: getattr(s, "at_zero", "zero") == "zero",
        make=pulling(_zero_vector_dx),
    ),
    mutant(
        "no-number-everywhere",
        "no number in one sample makes all of y none",
        "output",
        layers=(*STANDARDIZING[1:5], *DIVIDING, "local_response_norm", "feature_norm"),
        make=giving(_leaks),
    ),
    mutant(
        "empty-moves-state",
        "a batch of no samples makes the state no number, in evaluation, too",
        "keep",
        "pytorch/pytorch#12013",
        where=_stateful,
        make=altered(_empty_moves),
    ),
    mutant("empty-raises", "a batch of no samples raises", "output", "pytorch/pytorch#12013", make=altered(_empty_raises)),
    mutant("long-axes-cut", "y is wrong where an axis is longer than 4096", "output", make=giving(_long)),
    mutant(
        "squares-overflow-in-float16",
        "squares of values beyond 256 overflow in float16, and y is 0",
        "statistics_dtype",
        "microsoft/onnxruntime#17692",
        where=lambda s, _: s.statistics_dtype == "widened",
        layers=(*STANDARDIZING, *DIVIDING),
        dtypes=("float16",),
        make=giving(_squares_overflow),
    ),
)
"""Faults that usual inputs do not show."""
