"""Bounds of local response normalization: docs/bounds.md, applied to each step of a case."""

from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.conformance.bounds.tangents import Sized, plus, product
from normspec.records import Case

Floats = Any


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    out: dict[str, Any] = {}
    for i, step in enumerate(case.steps):
        x, dy, w = (None if a is None else s.wide(a) for a in (step.inputs["x"], step.cotangent, step.direction))
        shown = _step(case, x, dy) if w is None else _along(case, x, dy, w)
        out |= s.rounded(case, {f"{i}.{name}": bound for name, bound in shown.items()}, seen)
    return out


class Divided(NamedTuple):
    """The axis of the windows, the share by which a sum over one counts, what x is divided by a power of, that power, and its error."""

    axis: int
    share: Floats
    divisor: Floats
    power: Floats
    bracket: Floats


def _divided(case: Case, x: Floats) -> Divided:
    """Give the magnitudes of a division: a sum of positive terms, and a power whose relative error grows with its logarithm."""
    spec = case.spec.at_rank(x.ndim)
    (axis,) = spec.channel_axes
    length = spec.before + spec.after + 1
    ones = window(np.ones(x.shape), axis, spec.before, spec.after)
    share = length / ones if spec.edges == "valid" else np.ones(x.shape)
    divisor = spec.bias + spec.coefficient * share * window(x**2, axis, spec.before, spec.after)
    bracket = 8 * s.roundoff(case) * s.growth(length) * (1 + abs(spec.exponent) * (1 + np.abs(np.log(divisor))))
    return Divided(axis, share, divisor, divisor**-spec.exponent, bracket)


def _step(case: Case, x: Floats, dy: Floats | None) -> dict[str, Floats]:
    """Bound y and dx."""
    spec, (axis, share, divisor, power, bracket) = case.spec, _divided(case, x)
    out = {"y": bracket * np.abs(x) * power}
    if dy is not None:
        of_sums = np.abs(dy * x) * power / divisor * share
        through = 2 * abs(spec.coefficient * spec.exponent) * np.abs(x) * window(bracket * of_sums, axis, spec.after, spec.before)
        most = 2 * abs(spec.coefficient * spec.exponent) * np.abs(x) * window(of_sums, axis, spec.after, spec.before)
        out["dx"] = bracket * (np.abs(dy) * power + most) + 2 * through
    return out


def _along(case: Case, x: Floats, dy: Floats, w: Floats) -> dict[str, Floats]:
    """Bound the derivatives of y and dx along a direction w of x."""
    spec, at, u = case.spec, _divided(case, x), s.roundoff(case)
    power, over = Sized(at.power, at.bracket * at.power), Sized(1 / at.divisor, at.bracket / at.divisor)
    own, g, direction, share = (Sized(np.abs(a), u * np.abs(a)) for a in (x, dy, w, at.share))
    twice = Sized(2 * abs(spec.coefficient) * at.share, 2 * u * abs(spec.coefficient) * at.share)

    def around(a: Sized, before: int, after: int) -> Sized:
        return Sized(*(window(part, at.axis, before, after) for part in a))

    def times(n: float, a: Sized) -> Sized:
        return Sized(abs(n) * a.size, abs(n) * a.error)

    speed = product(twice, over, around(product(own, direction), spec.before, spec.after))  # of the divisor's logarithm
    moved = plus(product(direction, power), times(spec.exponent, product(own, power, speed)))
    reached = product(g, power, over, share)
    turned = times(abs(spec.exponent) + 1, product(reached, own, speed))
    within = plus(
        product(direction, around(product(reached, own), spec.after, spec.before)),
        product(own, around(plus(product(reached, direction), turned), spec.after, spec.before)),
    )
    back = plus(times(spec.exponent, product(g, power, speed)), times(2 * spec.coefficient * spec.exponent, within))
    return {"tangent.y": moved.error, "tangent.dx": back.error}


def window(a: Floats, axis: int, before: int, after: int) -> Floats:
    """Sum over the window around every place of an axis; places beyond its ends count as 0."""
    n = a.shape[axis]
    padded = np.pad(a, [(before, after) if k == axis else (0, 0) for k in range(a.ndim)])
    return sum(np.take(padded, range(k, k + n), axis) for k in range(before + after + 1))
