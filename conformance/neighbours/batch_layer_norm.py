"""The terms of batch layer normalization's gradient, from the case and its states alone, and what a wrong one would be."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.neighbours.terms import has_gradient, taken, total
from normspec.conformance.oracle import as_quad, truth
from normspec.layers.batch_layer_norm import sides
from normspec.records import Case

Quad = Any


class Layered(NamedTuple):
    """What the gradient of one step is made of: of dx, the direct terms, those through the means and those through the variances.

    Of each there are two, over the samples and over the features. `scaled` is dy times what scale multiplies.
    """

    dy: Quad
    scaled: Quad
    direct: tuple[Quad, Quad]
    through_mean: tuple[Quad, Quad]
    through_variance: tuple[Quad, Quad]
    lie: tuple[int, ...]


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Layered]:
    """Give the parts of every step that has a gradient to speak of, by its number."""
    return {k: _parts(case, k) for k in range(len(case.steps)) if has_gradient(case, k)}


def of_x(p: Layered) -> Quad:
    """Give dx."""
    return sum(p.direct) + sum(p.through_mean) + sum(p.through_variance)


def _parts(case: Case, k: int) -> Layered:
    step, where = case.steps[k], case.spec.geometry(case.steps[k].inputs["x"].shape)
    x, dy = taken(case, as_quad(step.inputs["x"], case)), as_quad(step.cotangent, case)
    h = dy * np.reshape(as_quad(case.values["scale"], case), where.broadcast) if "scale" in case.values else dy
    scaled, *terms = zip(*(_side(case, k, x, h, which) for which in (0, 1)), strict=True)
    direct, through_mean, through_variance = terms
    return Layered(dy, dy * sum(scaled), direct, through_mean, through_variance, where.lie)


def _side(case: Case, k: int, x: Quad, h: Quad, which: int) -> tuple[Quad, Quad, Quad, Quad]:
    """Give what one normalization adds to what scale multiplies, and its terms."""
    spec, name, where = case.spec, ("batch", "feature")[which], sides(x.shape)[which]
    kept = [case.steps[k].mode != "train" and getattr(spec, f"population_{name}_{of}") for of in ("mean", "variance")]
    n, alongside = where.n, [1 if a in where.axes else length for a, length in enumerate(x.shape)]
    own = total(x, where.axes) / n
    spread = x - own
    found = taken(case, own), taken(case, total(spread * spread, where.axes) / n)
    state = (np.reshape(truth(case)[f"{k}.{name}_{of}"], alongside) for of in ("mean", "variance"))
    mean, variance = (a if of else b for of, a, b in zip(kept, state, found, strict=True))
    inverse = 1 / np.sqrt(variance + as_quad(spec.epsilon, case))
    normal = (x - mean if kept[0] else spread) * inverse
    weight, nothing = _weight(case, x.shape, which), x * 0
    through_mean = nothing if kept[0] else nothing - weight * inverse * total(h, where.axes) / n
    through_variance = nothing if kept[1] else -weight * inverse * inverse * spread * total(h * normal, where.axes) / n
    return weight * normal, weight * inverse * h, through_mean, through_variance


def _weight(case: Case, shape: tuple[int, ...], which: int) -> Quad:
    one, delta = as_quad(1.0, case), as_quad(case.spec.delta, case)
    share, root = one / shape[0], np.sqrt(as_quad(float(shape[-1]), case))
    if which:
        return (share - delta) / root
    return (one - share + delta if case.spec.batch_delta == "plus" else one - share - delta) / root
