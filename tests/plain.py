"""An honest implementation in plain NumPy, of replaceable parts: what `wrong.py` breaks and `honest.py` does otherwise.

It shares nothing with the reference but the specs. `Parts` are the steps that an implementation takes; a wrong one has one of
them wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import ml_dtypes
import numpy as np

import normspec
from normspec.dtypes import of_slots, output
from normspec.layers.axes import others

WIDE = {"float64": np.float64}


def named(dtype):
    return ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype


def moments(x, axes):
    mean = x.mean(axis=axes, keepdims=True)
    return mean, ((x - mean) ** 2).mean(axis=axes, keepdims=True)


def normalize(x, mean, inverse, scale, shift):
    return (x - mean) * inverse * scale + shift


def inverse_deviation(variance, spec, _):
    return 1 / np.sqrt(variance + spec.epsilon)


def weight(running, k):
    if running.start == "debiased":
        return running.rate / (1 - (1 - running.rate) ** k) if running.rate else 1 / k
    return 1.0 if running.start == "first" and k == 1 else running.rate


def bessel(n, running):
    return n / max(n - running.correction, 1)


@dataclass(frozen=True)
class Parts:
    moments: Callable = moments
    normalize: Callable = normalize
    inverse_deviation: Callable = inverse_deviation
    weight: Callable = weight
    bessel: Callable = bessel
    wide: Callable = lambda dtype: WIDE.get(dtype, np.float32)
    lie: Callable = lambda axes, _: axes
    through_statistics: bool = True
    updates: Callable = lambda mode: int(mode in ("train", "observe"))
    evaluates_with_batch: bool = False
    has_shift: Callable = lambda spec: spec.shift


@dataclass
class Plain:
    parts: Parts
    spec: Any
    situation: normspec.Situation
    values: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.spec.layer not in ("batch_norm", "layer_norm"):
            raise normspec.Unsupported("another layer")
        rank = len(self.situation.shape)
        spec = self.spec = self.spec.at_rank(rank)
        rare = spec.epsilon_place != "inside" or spec.correction or spec.statistics_dtype != "widened" or spec.output_dtype != "input"
        if rare or getattr(spec, "train_with", "batch") != "batch":
            raise normspec.Unsupported("a rare point of the space")
        self.dtypes = of_slots(spec, self.situation)
        self.values = {n: np.full(s.shape, s.born, named(self.dtypes[n])) for n, s in spec.slots(self.situation.shape).items()}
        self.running = getattr(spec, "running", None)

    def load(self, values):
        self.values = dict(values)

    def read(self):
        return dict(self.values)

    def forward(self, inputs, mode):
        spec, parts, x = self.spec, self.parts, inputs["x"]
        batch_norm = spec.layer == "batch_norm"
        axes = others(spec.channel_axes, x.ndim) if batch_norm else spec.axes
        lie = parts.lie(spec.channel_axes if batch_norm else spec.parameter_axes, x)
        n = int(np.prod([x.shape[a] for a in axes]))
        wide = x.astype(parts.wide(x.dtype.name))
        own = self.running is None or mode in ("train", "observe") or parts.evaluates_with_batch
        if spec.one_value == "refuse" and n == 1 and own:
            raise ValueError("one value per statistic")
        mean, variance = parts.moments(wide, axes)
        for _ in range(parts.updates(mode) if self.running else 0):
            self._observe(mean, variance, n)
        if mode == "observe":
            return None, None
        if not own:
            mean, variance = (self._along("running_" + s, x, spec.channel_axes).astype(wide.dtype) for s in ("mean", "variance"))
        inverse = parts.inverse_deviation(variance, spec, n)
        scale = self._along("scale", x, lie).astype(wide.dtype) if spec.scale else wide.dtype.type(1)
        shift = self._along("shift", x, lie).astype(wide.dtype) if parts.has_shift(spec) else wide.dtype.type(0)
        y = parts.normalize(wide, mean, inverse, scale, shift).astype(named(output(spec, self.situation)))
        return y, self._pullback(wide, mean, inverse, scale, axes, lie, own and parts.through_statistics)

    def _observe(self, mean, variance, n):
        if self.running.counts:
            self.values["count"] = self.values["count"] + 1
        w = self.parts.weight(self.running, int(self.values.get("count", 0)))
        for name, seen in (("running_mean", mean), ("running_variance", variance * self.parts.bessel(n, self.running))):
            old = self.values[name].astype(seen.dtype)
            new = (1 - w) * old + w * seen.reshape(old.shape)
            self.values[name] = new.astype(named(self.dtypes[name]))

    def _along(self, name, x, axes):
        return self.values[name].reshape([x.shape[a] if a in axes else 1 for a in range(x.ndim)])

    def _pullback(self, x, mean, inverse, scale, axes, lie, through):
        over = tuple(a for a in range(x.ndim) if a not in lie)

        def pullback(dy):
            dy = dy.astype(x.dtype)
            normal, h = (x - mean) * inverse, dy * scale
            dx = h
            if through:
                dx = h - h.mean(axis=axes, keepdims=True) - normal * (h * normal).mean(axis=axes, keepdims=True)
            out = {"x": (inverse * dx).astype(named(self.situation.dtype))}
            for name, terms in (("scale", dy * normal), ("shift", dy)):
                if name in self.values:
                    out[name] = terms.sum(axis=over).reshape(self.values[name].shape).astype(named(self.dtypes[name]))
            return out

        return pullback


def implementation(**changes):
    """Give the plain implementation with some of its parts changed."""
    parts = replace(Parts(), **changes)
    return normspec.Implementation(
        name="plain",
        version="0",
        build=lambda spec, situation: Plain(parts, spec, situation),
        asarray=lambda a, _: np.array(a),
        asnumpy=np.asarray,
    )
