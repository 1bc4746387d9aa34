"""The gradient of a layer that bends every value by itself, from the case alone: what a wrong one would be."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.neighbours.terms import has_gradient, taken
from normspec.conformance.oracle import as_quad
from normspec.records import Case

Quad = Any


class Slopes(NamedTuple):
    """What the gradient of one step is made of.

    `h` is the cotangent of the tanh, `slope` its derivative; dy, and dy times what scale multiplies. `lie` is as in Geometry.
    """

    x: Quad
    alpha: Quad
    h: Quad
    slope: Quad
    dy: Quad
    scaled: Quad
    lie: tuple[int, ...]


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Slopes]:
    """Give the parts of every step that has a gradient to speak of, by its number."""
    with np.errstate(invalid="ignore"):  # the tanh of what is huge is 1 in quad, too, but with a flag
        return {k: _parts(case, k) for k in range(len(case.steps)) if has_gradient(case, k)}


def _parts(case: Case, k: int) -> Slopes:
    x, dy = taken(case, as_quad(case.steps[k].inputs["x"], case)), as_quad(case.steps[k].cotangent, case)
    where, alpha = case.spec.geometry(x.shape), as_quad(case.values["alpha"], case)
    bent = np.tanh(taken(case, alpha * x))
    h = dy * np.reshape(as_quad(case.values["scale"], case), where.broadcast) if "scale" in case.values else dy
    return Slopes(x, alpha, h, 1 - bent * bent, dy, dy * bent, where.lie)


def of_x(p: Slopes) -> Quad:
    """Give dx."""
    return p.h * p.slope * p.alpha


def without_slope(p: Slopes) -> Quad:
    """Give by what dx is off where the slope counts as 1."""
    return p.h * p.alpha - of_x(p)


def without_alpha(p: Slopes) -> Quad:
    """Give by what dx is off where alpha is left out."""
    return p.h * p.slope - of_x(p)


def of_alpha(p: Slopes) -> Quad:
    """Give dalpha."""
    return np.sum(p.h * p.slope * p.x)


def alpha_without_slope(p: Slopes) -> Quad:
    """Give by what dalpha is off where the slope counts as 1."""
    return np.sum(p.h * p.x) - of_alpha(p)
