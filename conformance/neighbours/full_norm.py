"""The terms of full normalization's gradient, from the case and its states alone: batch norm's, with running statistics in the place."""

from functools import lru_cache

import numpy as np

from normspec.conformance.neighbours.terms import Parts, has_gradient, taken
from normspec.conformance.oracle import as_quad, truth
from normspec.records import Case


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Parts]:
    """Give the parts of every step that has a gradient to speak of, by its number."""
    return {k: _parts(case, k) for k in range(len(case.steps)) if has_gradient(case, k)}


def _parts(case: Case, k: int) -> Parts:
    step, where = case.steps[k], case.spec.geometry(case.steps[k].inputs["x"].shape)
    x, dy = taken(case, as_quad(step.inputs["x"], case)), as_quad(step.cotangent, case)
    mean, square = (np.reshape(truth(case)[f"{k}.running_{name}"], where.broadcast) for name in ("mean", "square"))
    spread, variance, epsilon = x - mean, square - mean * mean, as_quad(case.spec.epsilon, case)
    inverse = 1 / np.sqrt(np.maximum(variance, variance * 0 + epsilon))
    slope = np.where(variance < epsilon, inverse * 0, inverse)
    h = dy * np.reshape(as_quad(case.values["scale"], case), where.broadcast) if "scale" in case.values else dy
    share, every = as_quad(1.0, case) if step.mode == "train" else None, np.ones(x.shape, dtype=bool)
    return Parts(dy, h, spread * inverse, spread, inverse, slope, share, every, where.n, where.n, where.axes, where.lie)
