"""The terms of the gradient of global response normalization, from the case alone: what a wrong one would be."""

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.neighbours.terms import has_gradient, taken
from normspec.conformance.oracle import as_quad
from normspec.records import Case

Quad = Any


class Responses(NamedTuple):
    """The terms of dx in one step: the one that x has by itself, and those through what it is multiplied by, its norm and their mean.

    `scaled` is dy times what scale multiplies; `lie` is as in Geometry.
    """

    dy: Quad
    direct: Quad
    through_norm: Quad
    through_mean: Quad
    scaled: Quad
    lie: tuple[int, ...]


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Responses]:
    """Give the terms of every step that has a gradient to speak of, by its number."""
    return {k: _parts(case, k) for k in range(len(case.steps)) if has_gradient(case, k)}


def _parts(case: Case, k: int) -> Responses:
    x, dy = taken(case, as_quad(case.steps[k].inputs["x"], case)), as_quad(case.steps[k].cotangent, case)
    spec, where = case.spec.at_rank(x.ndim), case.spec.geometry(x.shape)
    h = dy * np.reshape(as_quad(case.values["scale"], case), where.broadcast) if "scale" in case.values else dy
    norm = np.sqrt(taken(case, np.sum(x * x, axis=spec.axes, keepdims=True)))
    mean = np.sum(norm, axis=where.lie, keepdims=True) / prod(where.owned) + as_quad(spec.epsilon, case)
    direction = np.where(norm > 0, x / np.where(norm > 0, norm, norm + 1), x * 0)
    of_response = np.sum(h * x, axis=spec.axes, keepdims=True)
    of_mean = -np.sum(of_response * norm, axis=where.lie, keepdims=True) / (mean * mean * prod(where.owned))
    return Responses(dy, h * norm / mean, direction * of_response / mean, direction * of_mean, dy * x * norm / mean, where.lie)


def of_x(p: Responses) -> Quad:
    """Give dx."""
    return p.dy + p.direct + p.through_norm + p.through_mean
