"""The terms of the gradient of filter response normalization, from the case alone: what a wrong one would be."""

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.neighbours.terms import has_gradient, taken
from normspec.conformance.oracle import as_quad
from normspec.records import Case

Quad = Any


class Thresholds(NamedTuple):
    """What the gradient of one step is made of: the terms of dx, direct and through the mean square, and doffset.

    `dy` is what counts of the cotangent, `rest` what does not, `scaled` the former times what scale multiplies. `stopped` is what dx would
    have more if all of it counted, `tied` if it did where the threshold is met exactly. `lie` is as in Geometry.
    """

    direct: Quad
    through: Quad
    offset: Quad
    dy: Quad
    rest: Quad
    scaled: Quad
    stopped: Quad
    tied: Quad
    lie: tuple[int, ...]


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Thresholds]:
    """Give the parts of every step that has a gradient to speak of, by its number."""
    return {k: _parts(case, k) for k in range(len(case.steps)) if has_gradient(case, k)}


def _parts(case: Case, k: int) -> Thresholds:
    x, dy = taken(case, as_quad(case.steps[k].inputs["x"], case)), as_quad(case.steps[k].cotangent, case)
    where, one = case.spec.geometry(x.shape), as_quad(1.0, case)

    def own(name: str, default: float) -> Quad:
        return np.reshape(as_quad(case.values[name], case), where.broadcast) if name in case.values else as_quad(default, case)

    offset = as_quad(case.values.get("offset", 0.0), case)
    square = taken(case, np.sum(x * x, axis=where.axes, keepdims=True) / prod(x.shape[a] for a in where.axes))
    root = np.sqrt(square + as_quad(case.spec.epsilon, case) + np.abs(offset))
    inverse = np.where(root > 0, one / np.where(root > 0, root, root + 1), root)
    normal, scale = x * inverse, own("scale", 1.0)
    away = scale * normal + own("shift", 0.0) - own("threshold", 0.0)
    free = "threshold" not in case.values
    share = x * 0 + 1 if free else np.where(away > 0, x * 0 + 1, np.where(away < 0, x * 0, x * 0 + 0.5))

    def through(h: Quad) -> Quad:
        return -inverse * normal * np.sum(h * normal, axis=where.axes, keepdims=True) / prod(x.shape[a] for a in where.axes)

    def of_x(counts: Quad) -> Quad:
        return inverse * counts * scale + through(counts * scale)

    counts, ties = dy * share, dy * np.where(share == 0.5, x * 0 + 1, share)  # noqa: PLR2004 - half where they are equal
    h = counts * scale
    of_offset = -np.sign(offset) * np.sum(h * normal * inverse * inverse) / 2
    return Thresholds(
        direct=inverse * h,
        through=through(h),
        offset=of_offset,
        dy=counts,
        rest=dy - counts,
        scaled=counts * normal,
        stopped=of_x(dy) - of_x(counts),
        tied=of_x(ties) - of_x(counts),
        lie=where.lie,
    )


def of_x(p: Thresholds) -> Quad:
    """Give dx."""
    return p.direct + p.through


def of_threshold(p: Thresholds) -> Quad:
    """Give dthreshold."""
    return np.sum(p.rest, axis=tuple(a for a in range(p.rest.ndim) if a not in p.lie))
