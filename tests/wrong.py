"""Wrong implementations: the plain one with one part wrong, each named for its fault, with the clause that names it."""

import numpy as np
import plain


def _one_pass(x, axes):
    mean = x.mean(axis=axes, keepdims=True)
    return mean, (x * x).mean(axis=axes, keepdims=True) - mean * mean


def _in_float16(x, axes):
    mean, variance = plain.moments(x, axes)
    with np.errstate(over="ignore"):
        return (mean, variance) if x.dtype == np.float64 else tuple(a.astype(np.float16).astype(x.dtype) for a in (mean, variance))


def _other_axis(axes, x):
    """Give another axis of the same length, where there is one."""
    same = [a for a in range(x.ndim) if a not in axes and len(axes) == 1 and x.shape[a] == x.shape[axes[0]]]
    return (same[-1],) if same else axes


WRONG = {
    "sample for population variance": (
        {"inverse_deviation": lambda v, s, n: 1 / np.sqrt(v * n / max(n - 1, 1) + s.epsilon)},
        ("batch-norm.correction", "layer-norm.correction"),
    ),
    "population for sample variance": ({"bessel": lambda *_: 1}, ("batch-norm.running.correction",)),
    "rate reversed": ({"weight": lambda running, k: 1 - plain.weight(running, k)}, ("batch-norm.running.rate",)),
    "epsilon outside the root": (
        {"inverse_deviation": lambda v, s, _: 1 / (np.sqrt(v) + s.epsilon)},
        ("batch-norm.epsilon-place", "layer-norm.epsilon-place"),
    ),
    "epsilon 1e-6 for 1e-5": (
        {"inverse_deviation": lambda v, s, _: 1 / np.sqrt(v + (1e-6 if s.epsilon == 1e-5 else s.epsilon))},
        ("batch-norm.epsilon", "layer-norm.epsilon"),
    ),
    "statistics as constants in the gradient": ({"through_statistics": False}, ("batch-norm.gradient.x", "layer-norm.gradient.x")),
    "evaluation by batch statistics": ({"evaluates_with_batch": True}, ("batch-norm.running",)),
    "scale along the wrong axis": ({"lie": _other_axis}, ("batch-norm.channel-axes", "layer-norm.parameter-axes")),
    "statistics updated twice": ({"updates": lambda mode: 2 * (mode in ("train", "observe"))}, ("batch-norm.update",)),
    "statistics updated in evaluation": ({"updates": lambda _: 1}, ("batch-norm.keep",)),
    "one-pass variance": ({"moments": _one_pass}, ("batch-norm.accuracy", "layer-norm.accuracy")),
    "float16 statistics": ({"moments": _in_float16}, ("batch-norm.statistics-dtype", "layer-norm.statistics-dtype")),
    "shift dropped when scale is absent": (
        {"has_shift": lambda spec: spec.shift and spec.scale},
        ("batch-norm.shift", "layer-norm.shift"),
    ),
}
"""Fault -> what is changed, and the clauses that name it."""
