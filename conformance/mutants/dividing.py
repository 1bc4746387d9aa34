"""An honest layer in plain NumPy that divides x by a norm of itself, of parts that a fault replaces: RMS, Lp, weight and scale norm.

It shares nothing with the reference but specs and geometry. It has the usual points of the space.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from normspec.conformance.mutants.record import DIVIDING
from normspec.conformance.wire import named
from normspec.dtypes import of_slots, output
from normspec.errors import Unsupported
from normspec.layers.fields import Slot
from normspec.layers.geometry import Geometry
from normspec.records import Array, Arrays, Mode, Pullback, Situation

USUAL = {"order": 2.0, "fraction": 1.0, "rounding": "last"}


def total(terms: Array, axes: tuple[int, ...]) -> Array:
    """Sum over axes, which stay with length 1."""
    return terms.sum(axis=axes, keepdims=True)


def squares(x: Array, axes: tuple[int, ...]) -> Array:
    """Give the sum of squares."""
    return total(x * x, axes)


def divisor(sums: Array, spec: Any) -> Array:
    """Give the divisor from the mean or sum of squares."""
    if spec.epsilon_place == "inside":
        return np.sqrt(sums + spec.epsilon)
    root = np.sqrt(sums)
    return root + spec.epsilon if spec.epsilon_place == "outside" else np.maximum(root, root.dtype.type(spec.epsilon))


def slope(sums: Array, spec: Any) -> Array:
    """Give twice the divisor's derivative by the mean or sum of squares; at 0 it counts as 0, and where the divisor is at its floor."""
    root = np.sqrt(sums + spec.epsilon) if spec.epsilon_place == "inside" else np.sqrt(sums)
    none = (root == 0) | ((root <= spec.epsilon) if spec.epsilon_place == "floor" else False)
    return np.where(none, 0, 1 / np.where(none, 1, root)).astype(sums.dtype)


@dataclass(frozen=True)
class Parts:
    """The steps that an implementation takes; a wrong one has one of them wrong."""

    squares: Callable[..., Array] = squares
    divisor: Callable[..., Array] = divisor
    slope: Callable[..., Array] = slope
    total: Callable[..., Array] = total
    wide: Callable[[str], Any] = lambda dtype: np.float64 if dtype == "float64" else np.float32
    geometry: Callable[[Geometry, Any], Geometry] = lambda at, spec: at  # noqa: ARG005 - as it is
    divided: Callable[..., Array] = lambda x, over: np.where(over == 0, 0, x / np.where(over == 0, 1, over)).astype(x.dtype)


@dataclass
class Dividing:
    """The layer."""

    parts: Parts
    spec: Any
    situation: Situation
    values: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at the spec, and let parameters be born."""
        if self.spec.layer not in DIVIDING:
            raise Unsupported("another layer")
        spec = self.spec = self.spec.at_rank(len(self.situation.shape))
        if any(getattr(spec, name, usual) != usual for name, usual in USUAL.items()) or getattr(spec, "at_zero", "zero") != "zero":
            raise Unsupported("a rare point of the space")
        self.dtypes = of_slots(spec, self.situation)
        self.values = {n: np.full(s.shape, self._born(s), named(self.dtypes[n])) for n, s in spec.slots(self.situation.shape).items()}

    def _born(self, slot: Slot) -> Any:
        weight = self.situation.weight
        if slot.born is not None or weight is None:
            return slot.born if slot.born is not None else 1.0
        at = self.spec.geometry(weight.shape)
        wide = weight.astype(self.parts.wide(weight.dtype.name)).reshape(at.view)
        return self.parts.divisor(self.parts.squares(wide, at.axes), self.spec).reshape(slot.shape)

    def load(self, values: Arrays) -> None:
        """Take parameters."""
        self.values = {**self.values, **values}

    def read(self) -> Arrays:
        """Give parameters."""
        return dict(self.values)

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Take a step."""
        del mode  # all are one
        spec, parts, x = self.spec, self.parts, inputs["x"]
        at = parts.geometry(spec.geometry(x.shape), spec)
        wide = x.astype(parts.wide(x.dtype.name)).reshape(at.view)
        share = wide.dtype.type(at.n if spec.layer == "rms_norm" else 1)
        sums = parts.squares(wide, at.axes) / share
        over = parts.divisor(sums, spec).astype(wide.dtype)
        normal = parts.divided(wide, over)
        y = normal
        for name, along in (("scale", np.multiply), ("shift", np.add)):
            if name in self.values:
                y = along(y, self.values[name].reshape(at.broadcast).astype(wide.dtype))
        y = y.astype(named(output(spec, self.situation))).reshape(x.shape)
        return y, self._pullback(at, wide, normal, over, parts.slope(sums, spec) / share)

    def _pullback(self, at: Geometry, x: Array, normal: Array, over: Array, slope: Array) -> Pullback:
        parts, owned = self.parts, dict(self.values)
        others = tuple(a for a in range(len(at.view)) if a not in at.lie)

        def pullback(dy: Array) -> Arrays:
            shape, dy = dy.shape, dy.astype(x.dtype).reshape(at.view)
            h = dy * owned["scale"].reshape(at.broadcast).astype(x.dtype) if "scale" in owned else dy
            dx = parts.divided(h - slope * x * parts.total(h * normal, at.axes), over)
            out = {"x": dx.astype(named(self.situation.dtype)).reshape(shape)}
            for name, terms in (("scale", dy * normal), ("shift", dy)):
                if name in owned:
                    out[name] = parts.total(terms, others).reshape(owned[name].shape).astype(named(self.dtypes[name]))
            return out

        return pullback


def with_parts(**changes: Any) -> Callable[[Any, Situation], Dividing]:
    """Give what makes plain layers with some of their parts changed."""
    parts = Parts(**changes)
    return lambda spec, situation: Dividing(parts, spec, situation)
