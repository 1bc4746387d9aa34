"""The terms of every gradient, from the case and its states alone (docs/spec, Gradient), and what a wrong one would be.

They share nothing with the reference's own pullback: that they add up to its cotangents is a second check of both.
"""

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.bounds.normalize import viewed
from normspec.conformance.bounds.standardize import place
from normspec.conformance.lineage import values_at
from normspec.conformance.oracle import as_quad, truth
from normspec.conformance.wire import named
from normspec.dtypes import FLOATS, promote, statistics
from normspec.layers.axes import others
from normspec.records import Arrays, Case

Quad = Any


class Parts(NamedTuple):
    """What the gradient of one step is made of, in the view of x; reduced axes keep length 1.

    `dy` is the cotangent of y, `h` that of `scaled`, which scale multiplies: the normalized x, `normal`, if nothing else is said. `share`
    is the share of x's own statistics in those that normalize: None where these are constants. `where` tells which values they are
    taken over; of these there are `n` for each, and `degrees` is n - correction, or 1.
    """

    dy: Quad
    h: Quad
    normal: Quad
    spread: Quad
    inverse: Quad
    slope: Quad
    share: Quad
    where: Any
    n: Any
    degrees: Any
    axes: tuple[int, ...]
    lie: tuple[int, ...]
    scaled: Quad = None


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Parts]:
    """Give the parts of every step that has a gradient to speak of, by its number."""
    return {k: parts_at(case, k, values_at(case, case.steps[k])) for k in range(len(case.steps)) if has_gradient(case, k)}


def has_gradient(case: Case, k: int) -> bool:
    """Tell whether a step has a cotangent of x with values in it, and x no value that is no number."""
    return np.size(truth(case).get(f"{k}.dx", ())) > 0 and bool(np.isfinite(np.asarray(case.steps[k].inputs["x"]).astype(np.float64)).all())


def parts_at(case: Case, k: int, values: Arrays) -> Parts:
    """Give the parts of a step, scale being among these values, if there is one."""
    where = case.spec.geometry(case.steps[k].inputs["x"].shape)
    x = np.reshape(taken(case, as_quad(case.steps[k].inputs["x"], case)), where.view)
    dy = np.reshape(as_quad(case.steps[k].cotangent, case), where.view)
    mask = viewed(case.steps[k].inputs.get("mask", np.True_), case.steps[k].inputs["x"].shape, where)
    n = mask.sum(axis=where.axes, keepdims=True)
    own = x - total(x, where.axes, mask) / n
    running = getattr(case.spec, "running", None)
    if running is None or (case.steps[k].mode == "train" and getattr(case.spec, "train_with", "batch") == "batch"):
        degrees, share = np.maximum(n - case.spec.correction, 1), as_quad(1.0, case)
        deviation, variance = own, taken(case, total(own * own, where.axes, mask) / n) * n / degrees
    else:
        degrees, share = np.maximum(n - running.correction, 1), _weight(case, k) if case.steps[k].mode == "train" else None
        mean, variance = (np.reshape(truth(case)[f"{k}.{name}"], where.broadcast) for name in ("running_mean", "running_variance"))
        deviation = x - mean
    inverse, slope = divisor(case, variance)
    h = dy * np.reshape(as_quad(values["scale"], case), where.parameters.broadcast) if "scale" in values else dy
    spread = deviation if share is None else own
    return Parts(dy, h, deviation * inverse, spread, inverse, slope, share, mask, n, degrees, where.axes, where.parameters.lie)


def total(a: Quad, axes: tuple[int, ...], where: Any = np.True_) -> Quad:
    """Sum over axes, which keep length 1, what is not masked."""
    return np.sum(np.where(where, a, a * 0), axis=axes, keepdims=True)


def taken(case: Case, values: Quad) -> Quad:
    """Round x, or its variance, to the dtype of the statistics, where the spec has them narrower than the widened one."""
    dtype = statistics(case.spec, case.situation.dtype)
    if FLOATS[dtype].bits >= FLOATS[promote(case.situation.dtype, "float32")].bits:
        return values
    return as_quad(values.astype(np.float64).astype(named(dtype)), case)


def _weight(case: Case, k: int) -> Quad:
    """Give w_k."""
    running, one = case.spec.running, as_quad(1.0, case)
    rate, count = as_quad(running.rate, case), int(truth(case).get(f"{k}.count", 0))
    if running.start == "debiased":
        return rate / (one - (one - rate) ** count) if running.rate else one / count
    return one if running.start == "first" and count == 1 else rate


def divisor(case: Case, variance: Quad) -> tuple[Quad, Quad]:
    """Give 1 / divisor, and twice the divisor's derivative by the variance (0 where there is none)."""
    epsilon, nothing = as_quad(case.spec.epsilon, case), variance * 0
    if not getattr(case.spec, "divide", True):
        return nothing + 1, nothing
    if place(case.spec) == "inside":
        inverse = 1 / np.sqrt(variance + epsilon)
        return inverse, inverse
    root = np.sqrt(variance)
    slope = np.where(root > 0, 1 / np.where(root > 0, root, root + 1), root)
    if place(case.spec) == "outside":
        return 1 / (root + epsilon), slope
    return 1 / np.maximum(root, epsilon), np.where(root > epsilon, slope, nothing)


def direct(p: Parts) -> Quad:
    """Give the term of dx that no statistic has a part in."""
    return p.inverse * p.h


def through_mean(p: Parts, over: tuple[int, ...] | None = None) -> Quad:
    """Give the term through the mean, h being averaged over these axes (those of the statistics)."""
    return _through(p, average(p, p.h, over))


def through_variance(p: Parts, over: tuple[int, ...] | None = None) -> Quad:
    """Give the term through the variance, h times the normalized x being averaged over these axes (those of the statistics)."""
    return _through(p, p.slope * p.spread * average(p, p.h * p.normal, over) * p.n / p.degrees)


def average(p: Parts, a: Quad, over: tuple[int, ...] | None = None) -> Quad:
    """Divide a sum over the statistics' axes by their n; one over other axes, by as many values as are summed."""
    return total(a, p.axes) / p.n if over is None else total(a, over) / prod(a.shape[i] for i in over)


def _through(p: Parts, what: Quad) -> Quad:
    """Give the term of a statistic, which is one of the values alone that it was taken over."""
    nothing = p.h * 0
    return nothing if p.share is None else np.where(p.where, -p.share * p.inverse * what, nothing)


def of_x(p: Parts) -> Quad:
    """Give dx."""
    return direct(p) + through_mean(p) + through_variance(p)


def of_scale(p: Parts, lie: tuple[int, ...] | None = None) -> Quad:
    """Give dscale, kept along these axes (those along which scale lies)."""
    return np.sum(p.dy * (p.normal if p.scaled is None else p.scaled), axis=others(p.lie if lie is None else lie, p.dy.ndim))


def of_shift(p: Parts, lie: tuple[int, ...] | None = None) -> Quad:
    """Give dshift, kept along these axes (those along which shift lies)."""
    return np.sum(p.dy, axis=others(p.lie if lie is None else lie, p.dy.ndim))
