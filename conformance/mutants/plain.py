"""An honest layer in plain NumPy that takes the mean from x and divides by its deviation, of parts that a fault replaces.

It shares nothing with the reference but specs and geometry. It has the usual points of the space, and no masks.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from normspec.conformance.mutants.record import STANDARDIZING
from normspec.conformance.wire import named
from normspec.dtypes import of_inputs, of_slots, output
from normspec.errors import Refused, Unsupported
from normspec.layers.geometry import Geometry
from normspec.records import Array, Arrays, Mode, Pullback, Situation

USUAL = {"epsilon_place": "inside", "correction": 0, "statistics_dtype": "widened", "train_with": "batch", "divide": True}


def total(terms: Array, axes: tuple[int, ...]) -> Array:
    """Sum over axes, which stay with length 1."""
    return terms.sum(axis=axes, keepdims=True)


def moments(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Give mean and variance, in two passes."""
    n = x.dtype.type(max(prod(x.shape[a] for a in axes), 1))
    mean = total(x, axes) / n
    return mean, total((x - mean) ** 2, axes) / n


def normalize(x: Array, mean: Array, inverse: Array, scale: Array, shift: Array) -> Array:
    """Give y."""
    return (x - mean) * inverse * scale + shift


def inverse_deviation(variance: Array, spec: Any, _: int) -> Array:
    """Give 1 / divisor."""
    return 1 / np.sqrt(variance + spec.epsilon)


def gradient(h: Array, normal: Array, axes: tuple[int, ...], n: int) -> Array:
    """Give the cotangent of x, but for 1 / divisor, from that of what scale multiplies."""
    return h - total(h, axes) / max(n, 1) - normal * (total(h * normal, axes) / max(n, 1))


def weight(running: Any, k: int) -> float:
    """Give the weight of the k-th observation."""
    if running.start == "debiased":
        return float(running.rate / (1 - (1 - running.rate) ** k) if running.rate else 1 / k)
    return 1.0 if running.start == "first" and k == 1 else float(running.rate)


def bessel(n: int, running: Any) -> float:
    """Give the factor from the population's variance to the one observed."""
    return float(n / max(n - running.correction, 1))


def along(values: Array, at: Geometry, axes: tuple[int, ...]) -> Array:
    """Give values with the shape that broadcasts over the view of x."""
    return values.reshape([n if a in axes else 1 for a, n in enumerate(at.view)])


@dataclass(frozen=True)
class Parts:
    """The steps that an implementation takes; a wrong one has one of them wrong."""

    moments: Callable[..., tuple[Array, Array]] = moments
    normalize: Callable[..., Array] = normalize
    inverse_deviation: Callable[..., Array] = inverse_deviation
    gradient: Callable[..., Array] = gradient
    total: Callable[..., Array] = total
    weight: Callable[..., float] = weight
    bessel: Callable[..., float] = bessel
    wide: Callable[[str], Any] = lambda dtype: np.float64 if dtype == "float64" else np.float32
    geometry: Callable[[Geometry, Any], Geometry] = lambda at, spec: at  # noqa: ARG005 - as it is
    lie: Callable[[Geometry], tuple[int, ...]] = lambda at: at.parameters.lie
    through_statistics: bool = True
    through_in_evaluation: bool = False
    updates: Callable[[Mode], int] = lambda mode: int(mode in ("train", "observe"))
    evaluates_with_batch: bool = False
    has_shift: Callable[[Any], bool] = lambda spec: getattr(spec, "shift", False) or hasattr(spec, "inputs")


@dataclass
class Plain:
    """The layer."""

    parts: Parts
    spec: Any
    situation: Situation
    values: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at the spec, and let parameters and state be born."""
        if self.spec.layer not in STANDARDIZING:
            raise Unsupported("another layer")
        spec = self.spec = self.spec.at_rank(len(self.situation.shape))
        if any(getattr(spec, name, usual) != usual for name, usual in USUAL.items()):
            raise Unsupported("a rare point of the space")
        self.dtypes = {**of_slots(spec, self.situation), **of_inputs(spec, self.situation)}
        self.values = {n: np.full(s.shape, s.born, named(self.dtypes[n])) for n, s in spec.slots(self.situation.shape).items()}
        self.running: Any = getattr(spec, "running", None)

    def load(self, values: Arrays) -> None:
        """Take parameters and state."""
        self.values = {**self.values, **values}

    def read(self) -> Arrays:
        """Give parameters and state."""
        return dict(self.values)

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Take a step."""
        if "mask" in inputs:
            raise Unsupported("takes no mask")
        spec, parts, x = self.spec, self.parts, inputs["x"]
        at = parts.geometry(spec.geometry(x.shape), spec)
        wide = x.astype(parts.wide(x.dtype.name)).reshape(at.view)
        own = self.running is None or mode in ("train", "observe") or parts.evaluates_with_batch
        if getattr(spec, "one_value", "shift") == "refuse" and at.n == 1 and own:
            raise Refused("x must have more than one value per statistic")
        mean, variance = parts.moments(wide, at.axes)
        for _ in range(parts.updates(mode) if self.running else 0):
            for observed in self._observed(mean, variance, at):
                self._observe(*observed)
        if mode == "observe":
            return None, None
        if not own:
            mean, variance = (along(self.values["running_" + s], at, at.lie).astype(wide.dtype) for s in ("mean", "variance"))
        inverse = parts.inverse_deviation(variance, spec, at.n)
        lie = parts.lie(at)
        learned = {**self.values, **inputs}
        scale = along(learned["scale"], at, lie).astype(wide.dtype) if "scale" in learned else wide.dtype.type(1)
        shift = along(learned["shift"], at, lie).astype(wide.dtype) if parts.has_shift(spec) else wide.dtype.type(0)
        y = parts.normalize(wide, mean, inverse, scale, shift).astype(named(output(spec, self.situation)))
        through = parts.through_statistics if own else parts.through_in_evaluation
        return y.reshape(x.shape), self._pullback(at, learned, (wide - mean) * inverse, inverse, scale, through=through)

    def _observed(self, mean: Array, variance: Array, at: Geometry) -> list[tuple[Array, Array, int]]:
        """Give mean, variance and the number of values of each observation: of all statistics, of each ghost, or of the whole batch."""
        rule, pooled = getattr(self.spec, "observed", "mean"), at.pooled
        if rule == "each":
            (axis,) = pooled
            return [(np.take(mean, [g], axis), np.take(variance, [g], axis), at.n) for g in range(mean.shape[axis])]
        if not pooled:
            return [(mean, variance, at.n)]
        between = mean.var(axis=pooled, keepdims=True) if rule == "whole" else 0
        n = at.n * prod(at.view[a] for a in pooled) if rule == "whole" else at.n
        return [(mean.mean(axis=pooled, keepdims=True), variance.mean(axis=pooled, keepdims=True) + between, n)]

    def _observe(self, mean: Array, variance: Array, n: int) -> None:
        if self.running.counts:
            self.values["count"] = self.values["count"] + 1
        w = self.parts.weight(self.running, int(self.values.get("count", 0)))
        for name, seen in (("running_mean", mean), ("running_variance", variance * self.parts.bessel(n, self.running))):
            old = self.values[name].astype(seen.dtype)
            self.values[name] = ((1 - w) * old + w * seen.reshape(old.shape)).astype(named(self.dtypes[name]))

    def _pullback(self, at: Geometry, learned: Arrays, normal: Array, inverse: Array, scale: Array, *, through: bool) -> Pullback:
        parts = self.parts
        over = tuple(a for a in range(len(at.view)) if a not in parts.lie(at))

        def pullback(dy: Array) -> Arrays:
            shape, dy = dy.shape, dy.astype(normal.dtype).reshape(at.view)
            h = dy * scale
            dx = parts.gradient(h, normal, at.axes, at.n) if through else h
            out = {"x": (inverse * dx).astype(named(self.situation.dtype)).reshape(shape)}
            for name, terms in (("scale", dy * normal), ("shift", dy)):
                if name in learned:
                    out[name] = parts.total(terms, over).reshape(learned[name].shape).astype(named(self.dtypes[name]))
            return out

        return pullback


def with_parts(**changes: Any) -> Callable[[Any, Situation], Plain]:
    """Give what makes plain layers with some of their parts changed."""
    parts = Parts(**changes)
    return lambda spec, situation: Plain(parts, spec, situation)
