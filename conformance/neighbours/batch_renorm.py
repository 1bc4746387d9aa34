"""The terms of batch renormalization's gradient, from the case and its states alone: those of batch norm, times r."""

from functools import lru_cache
from typing import Any

import numpy as np

from normspec.conformance.bounds.normalize import viewed
from normspec.conformance.lineage import LOADED, before
from normspec.conformance.neighbours.terms import Parts, divisor, has_gradient, taken, total
from normspec.conformance.oracle import as_quad, truth
from normspec.records import Case

Quad = Any


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Parts]:
    """Give the parts of every step that has a gradient to speak of, by its number."""
    return {k: _parts(case, k) for k in range(len(case.steps)) if has_gradient(case, k)}


def _parts(case: Case, k: int) -> Parts:
    step, where = case.steps[k], case.spec.geometry(case.steps[k].inputs["x"].shape)
    x, dy = taken(case, as_quad(step.inputs["x"], case)), as_quad(step.cotangent, case)
    h = dy * np.reshape(as_quad(case.values["scale"], case), where.broadcast) if "scale" in case.values else dy
    mask = viewed(step.inputs.get("mask", np.True_), x.shape, where)
    n = mask.sum(axis=where.axes, keepdims=True)
    degrees = np.maximum(n - case.spec.correction, 1)
    if step.mode != "train":
        mean, inverse = _evaluated(case, k, where.broadcast)
        normal = (x - mean) * inverse
        return Parts(dy, h, normal, x - mean, inverse, inverse, None, mask, n, degrees, where.axes, where.lie)
    mean = taken(case, total(x, where.axes, mask) / n)
    spread = x - total(x, where.axes, mask) / n
    variance = taken(case, total(spread * spread, where.axes, mask) / n) * n / degrees
    inverse, slope = divisor(case, variance)
    r, d = _correction(case, k, mean, variance, where.broadcast)
    normal = spread * inverse
    return Parts(dy, h, normal, spread, inverse * r, slope, as_quad(1.0, case), mask, n, degrees, where.axes, where.lie, normal * r + d)


def _evaluated(case: Case, k: int, shape: tuple[int, ...]) -> tuple[Quad, Quad]:
    """Give the running mean, and 1 over the divisor."""
    if case.spec.averaged == "deviation":
        return _kept(case, k, "running_mean", shape), 1 / _kept(case, k, "running_deviation", shape)
    return _kept(case, k, "running_mean", shape), divisor(case, _kept(case, k, "running_variance", shape))[0]


def _correction(case: Case, k: int, mean: Quad, variance: Quad, shape: tuple[int, ...]) -> tuple[Quad, Quad]:
    """Give r and d."""
    spec, earlier = case.spec, before(case, k)
    of = "running" if spec.renorm_rate is None else "renorm"
    epsilon, nothing = as_quad(spec.epsilon, case), variance * 0
    if spec.averaged == "variance":
        size = np.sqrt(_kept(case, earlier, f"{of}_variance", shape) + epsilon)
    else:
        size = _kept(case, earlier, f"{of}_deviation", shape)
        size = np.maximum(size, nothing + np.sqrt(epsilon)) if spec.floor else size
    r = np.maximum(np.sqrt(variance + epsilon) / size, nothing + spec.r_min)
    d = (mean - _kept(case, earlier, f"{of}_mean", shape)) / size
    r = r if spec.r_max is None else np.minimum(r, nothing + spec.r_max)
    return r, d if spec.d_max is None else np.maximum(np.minimum(d, nothing + spec.d_max), nothing - spec.d_max)


def _kept(case: Case, k: int, name: str, shape: tuple[int, ...]) -> Quad:
    """Give a state as it was after step k, or as it was loaded."""
    return np.reshape(as_quad(case.values[name], case) if k == LOADED else truth(case)[f"{k}.{name}"], shape)
