"""Bounds of spectral normalization: docs/bounds.md, applied to each step of a case.

The error of a vector is one of its length: every image errs by u G times the Frobenius norm of the weight, and dividing by its own
length makes that relative. So errors are followed through the iterations, beside the vectors themselves.
"""

from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.conformance.bounds.tangents import Sized, plus, product, total
from normspec.conformance.lineage import LOADED, before
from normspec.dtypes import FLOATS, of_slots
from normspec.layers.fields import moves
from normspec.records import Case

Floats = Any


class Vector(NamedTuple):
    """A vector, how far an honest one may be from it, and by which share of its length rounding may have changed that where it was kept."""

    value: Floats
    error: float
    rounding: float = 0.0


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    spec = case.spec.at_rank(len(case.situation.shape))
    pair = {name: Vector(s.wide(case.values[name]), 0.0) for name in spec.slots(case.situation.shape) if name in case.values} or _made(case)
    out: dict[str, Any] = {}
    after = {LOADED: pair}
    for i, step in enumerate(case.steps):
        pair = after[i] = after[before(case, i)]
        x = s.wide(step.inputs["x"])
        matrix = np.moveaxis(x, spec.channel_axes[0], 0).reshape(x.shape[spec.channel_axes[0]], -1)
        moving = step.mode in moves(spec)
        used = dict(pair)
        for _ in range(spec.iterations if moving or spec.evaluation == "iterated" else 0):
            used = _iterated(case, matrix, used)
        if moving:
            pair = after[i] = {name: _kept(case, name, used[name]) for name in pair}
            out |= {f"{i}.{name}": np.full(v.value.shape, v.error) for name, v in pair.items() if name in case.values}
        if step.mode != "observe":
            dy = None if step.cotangent is None else s.wide(step.cotangent)
            w = None if step.direction is None else s.wide(step.direction)
            divides = moving or spec.evaluation != "none"  # and has both vectors
            shown = {} if not divides else _step(case, x, matrix, used, dy) if w is None else _along(case, x, w, used, dy)
            out |= s.rounded(case, {f"{i}.{name}": bound for name, bound in shown.items()}, seen)
    return out


def _made(case: Case) -> dict[str, Vector]:
    """Give the vectors of a layer that was warmed up on its weight: those of the largest singular value, for it is far above the others."""
    (axis,) = case.spec.at_rank(len(case.situation.shape)).channel_axes
    w = np.moveaxis(s.wide(case.situation.weight), axis, 0).reshape(case.situation.shape[axis], -1)
    left, _, right = np.linalg.svd(w)
    unit = 16 * s.roundoff(case) * s.growth(max(w.shape))
    return {"u": Vector(left[:, 0], unit), "v": Vector(right[0], unit)}


def _iterated(case: Case, w: Floats, pair: dict[str, Vector]) -> dict[str, Vector]:
    for name in ("u", "v") if case.spec.first == "u" else ("v", "u"):
        other = pair["v" if name == "u" else "u"]
        image = w @ other.value if name == "u" else w.T @ other.value
        squares = float(image @ image)
        root, e = squares**0.5, case.spec.epsilon
        divisor = {"inside": (squares + e) ** 0.5, "outside": root + e, "floor": max(root, e)}[case.spec.epsilon_place]
        u = s.roundoff(case)
        away = (float(np.linalg.norm(w, 2)) * other.error + float(np.linalg.norm(w)) * 2 * u * s.growth(other.value.size)) / divisor
        error = min(away * (1 + away), 2.0) + 4 * u * s.growth(image.size)  # no vector is longer than 1
        pair = {**pair, name: Vector(image / divisor, error)}
    return pair


def _reached(image: Floats, vector: Floats, place: str) -> float:
    """Give by what an error of a vector is multiplied in its product with an image.

    Divided by its own length, a vector errs across itself alone; where epsilon has a part in the divisor, along itself by that part.
    """
    length = float(np.linalg.norm(vector))
    along = float(image @ vector) / max(length, 1e-300)
    across = float(np.linalg.norm(image - along * vector / max(length, 1e-300)))
    part = float(length < 1 - 1e-6) if place == "floor" else max(1 - length**2, 0.0)
    return across + part * abs(along)


def _kept(case: Case, name: str, vector: Vector) -> Vector:
    kind = FLOATS[of_slots(case.spec, case.situation)[name]]
    narrower = kind.roundoff > s.roundoff(case)
    return Vector(vector.value, vector.error + kind.roundoff + kind.tiny, kind.roundoff if narrower else 0.0)


def _along(case: Case, x: Floats, w: Floats, pair: dict[str, Vector], dy: Floats) -> dict[str, Floats]:
    """Bound the derivatives of y and dx along a direction w of x, u and v being those that are kept: sigma is linear in x."""
    (axis,) = case.spec.at_rank(x.ndim).channel_axes
    rows, unit = x.shape[axis], s.roundoff(case)
    matrix, g, direction = (np.moveaxis(a, axis, 0).reshape(rows, -1) for a in (x, dy, w))
    r = 8 * unit * s.growth(x.size)
    outer = np.outer(pair["u"].value, pair["v"].value)
    size, own = float(np.sum(np.abs(outer * matrix))), abs(float(np.sum(outer * matrix)))
    inverse, vectors = Sized(1 / own, r * size / own**2), Sized(np.abs(outer), r * np.abs(outer))
    x_, g_, w_ = (Sized(np.abs(a), unit * np.abs(a)) for a in (matrix, g, direction))
    speed = product(inverse, total(product(vectors, w_), (0, 1), r))  # of sigma's logarithm
    y = product(inverse, plus(w_, product(x_, speed)))
    along, through = (total(product(g_, a), (0, 1), r) for a in (w_, x_))
    back = product(
        inverse, plus(product(g_, speed), product(vectors, inverse, plus(along, product(through, speed), product(through, speed))))
    )
    shape = (rows, *(n for a, n in enumerate(x.shape) if a != axis))
    return {f"tangent.{name}": np.moveaxis(a.error.reshape(shape), 0, axis) for name, a in (("y", y), ("dx", back))}


def _step(case: Case, x: Floats, w: Floats, pair: dict[str, Vector], dy: Floats | None) -> dict[str, Floats]:
    u, v, unit = pair["u"], pair["v"], s.roundoff(case)
    sigma = float(u.value @ w @ v.value)
    size = float(np.abs(u.value) @ np.abs(w) @ np.abs(v.value))
    place, longest = case.spec.epsilon_place, float(np.linalg.norm(w, 2))
    moved = _reached(w @ v.value, u.value, place) * u.error + _reached(w.T @ u.value, v.value, place) * v.error
    moved += longest * (u.error + v.error) ** 2 + (u.rounding + v.rounding) * abs(sigma)
    sigma = sigma if w.size else 1.0  # of no weight it is 0, and divides nothing
    relative = (4 * unit * s.growth(max(w.shape)) * (size + abs(sigma)) + moved) / abs(sigma)
    y = np.abs(x / sigma)
    out = {"y": y * (relative + 4 * unit)}
    if dy is None:
        return out
    if case.spec.replaces:
        return {**out, "dx": np.zeros(x.shape)}
    through = float(np.sum(np.abs(dy) * y))
    outer = np.abs(np.outer(u.value, v.value))
    spread = (
        outer * (4 * unit * s.growth(x.size) + 2 * relative + 4 * unit) + np.abs(u.value)[:, None] * v.error + u.error * np.abs(v.value)
    )
    (axis,) = case.spec.at_rank(x.ndim).channel_axes
    shape = (x.shape[axis], *(n for a, n in enumerate(x.shape) if a != axis))
    spread = np.moveaxis((spread + u.error * v.error).reshape(shape), 0, axis)
    out["dx"] = (np.abs(dy) * (relative + 4 * unit) + through * spread) / abs(sigma)
    return out
