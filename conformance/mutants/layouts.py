"""Faults of layout: strides and offsets ignored, steps that go backwards, axes without a stride."""

from collections.abc import Callable
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, computing_with, moving, taking, told_dy
from normspec.conformance.mutants.record import SCALED, mutant
from normspec.layers.fields import arrays_of
from normspec.records import Array, Arrays


def buffer(a: Array) -> Array:
    """Give what lies in memory from the first to the last byte of an array, in that order."""
    up = a[tuple(slice(None, None, -1 if stride < 0 else 1) for stride in a.strides)]
    if not a.size:
        return up.reshape(-1)
    reach = sum((n - 1) * stride for n, stride in zip(up.shape, up.strides, strict=True)) // a.itemsize + 1
    return np.lib.stride_tricks.as_strided(up, (reach,), (a.itemsize,), writeable=False)


def strides_ignored(a: Array) -> Array:
    """Give an array as it is read by one who takes its memory for contiguous."""
    return np.resize(buffer(a), a.shape)


def offset_ignored(a: Array) -> Array:
    """Give an array as it is read by one who begins where its memory was allocated."""
    base: Any = a
    while getattr(base, "base", None) is not None:
        base = base.base
    if not isinstance(base, np.ndarray) or base.dtype != a.dtype or base is a:
        return a
    return np.lib.stride_tricks.as_strided(buffer(base), a.shape, [abs(s) for s in a.strides], writeable=False)


def steps_forward(a: Array) -> Array:
    """Give an array as it is read by one who takes the size of its steps alone."""
    return a[tuple(slice(None, None, -1 if stride < 0 else 1) for stride in a.strides)]


def first_then_nothing(a: Array) -> Array:
    """Give an array as it is read by one who copies its memory once, where an axis has no stride."""
    still = tuple(a.ndim and n > 1 and stride == 0 for n, stride in zip(a.shape, a.strides, strict=True))
    out = np.array(a)
    for axis, stays in enumerate(still):
        if stays:
            out[(slice(None),) * axis + (slice(1, None), ...)] = 0
    return out


def as_x_lies(dy: Array, x: Array) -> Array:
    """Give dy as it is read by one who takes x's strides for its own."""
    order = sorted(range(x.ndim), key=lambda a: (-abs(x.strides[a]), a))
    return np.transpose(np.resize(buffer(dy), [x.shape[a] for a in order]), np.argsort(order))


def _reading(read: Callable[[Array], Array]) -> Any:
    return taking(lambda _, inputs: {"x": read(inputs["x"])})


def _reading_dy(read: Callable[[Array], Array], *of: str) -> Any:
    return told_dy(lambda _, __, dy: read(dy), *of)


def _noted(layer: Altered, values: Arrays) -> None:
    layer.memory["strided"] = {name for name, a in values.items() if not a.flags.c_contiguous}
    layer.right.load(values)


def _to_a_copy(layer: Altered, _: Arrays, before: Arrays, after: Arrays) -> Arrays:
    return {name: before[name] for name in after if name in layer.memory.get("strided", ())}


def _lost_when_strided() -> Any:
    made = moving(_to_a_copy)

    def make(spec: Any, situation: Any) -> Any:
        layer = made(spec, situation)
        assert isinstance(layer, Altered), "made here"
        layer.on_load = _noted
        return layer

    return make


MUTANTS = (
    mutant("strides-of-x-ignored", "x is read as if contiguous", "output", "pytorch/pytorch#62594", make=_reading(strides_ignored)),
    mutant(
        "strides-of-dy-ignored", "dy is read as if contiguous", "gradient.x", "pytorch/pytorch#175189", make=_reading_dy(strides_ignored)
    ),
    mutant(
        "dscale-by-strides-ignored",
        "dy is read as if contiguous, in the sums of the parameters' gradients alone",
        "gradient.scale",
        "pytorch/pytorch#64039",
        where=lambda spec, at: "scale" in arrays_of(spec, at.shape),
        make=_reading_dy(strides_ignored, "scale", "shift"),
    ),
    mutant(
        "dy-lies-as-x",
        "dy is read with x's strides",
        "gradient.x",
        "pytorch/pytorch#92671",
        make=told_dy(lambda _, inputs, dy: as_x_lies(dy, inputs["x"])),
    ),
    mutant("offset-of-x-ignored", "x is read from the beginning of its memory", "output", make=_reading(offset_ignored)),
    mutant("steps-of-x-forward", "x is read forward where its steps are negative", "output", make=_reading(steps_forward)),
    mutant("expanded-dy-once", "dy without a stride is there once, and else 0", "gradient.x", make=_reading_dy(first_then_nothing)),
    mutant(
        "strides-of-parameters-ignored",
        "scale and shift are read as if contiguous",
        "output",
        where=lambda spec, at: {"scale", "shift"} & spec.slots(at.shape).keys() != set(),
        layers=tuple(layer for layer in SCALED if layer != "scale_norm"),  # whose one number has no strides
        make=computing_with(lambda _, values: {n: strides_ignored(a) if n in ("scale", "shift") else a for n, a in values.items()}),
    ),
    mutant(
        "strided-state-lost",
        "a state that is not contiguous is copied, and its move lost",
        "update",
        where=lambda spec, at: any(slot.role == "state" for slot in spec.slots(at.shape).values()),
        make=_lost_when_strided(),
    ),
)
"""Faults of how arrays lie."""
