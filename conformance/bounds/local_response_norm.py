"""Bounds of local response normalization: docs/bounds.md, applied to each step of a case."""

from typing import Any

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.records import Case

Floats = Any


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    out: dict[str, Any] = {}
    for i, step in enumerate(case.steps):
        shown = _step(case, s.wide(step.inputs["x"]), None if step.cotangent is None else s.wide(step.cotangent))
        out |= s.rounded(case, {f"{i}.{name}": bound for name, bound in shown.items()}, seen)
    return out


def _step(case: Case, x: Floats, dy: Floats | None) -> dict[str, Floats]:
    """Bound y and dx: sums of positive terms, and a power whose relative error grows with its logarithm."""
    spec = case.spec.at_rank(x.ndim)
    (axis,) = spec.channel_axes
    length = spec.before + spec.after + 1
    ones = window(np.ones(x.shape), axis, spec.before, spec.after)
    share = length / ones if spec.edges == "valid" else np.ones(x.shape)
    divisor = spec.bias + spec.coefficient * share * window(x**2, axis, spec.before, spec.after)
    power = divisor**-spec.exponent
    bracket = 8 * s.roundoff(case) * s.growth(length) * (1 + abs(spec.exponent) * (1 + np.abs(np.log(divisor))))
    out = {"y": bracket * np.abs(x) * power}
    if dy is not None:
        of_sums = np.abs(dy * x) * power / divisor * share
        through = 2 * abs(spec.coefficient * spec.exponent) * np.abs(x) * window(bracket * of_sums, axis, spec.after, spec.before)
        most = 2 * abs(spec.coefficient * spec.exponent) * np.abs(x) * window(of_sums, axis, spec.after, spec.before)
        out["dx"] = bracket * (np.abs(dy) * power + most) + 2 * through
    return out


def window(a: Floats, axis: int, before: int, after: int) -> Floats:
    """Sum over the window around every place of an axis; places beyond its ends count as 0."""
    n = a.shape[axis]
    padded = np.pad(a, [(before, after) if k == axis else (0, 0) for k in range(a.ndim)])
    return sum(np.take(padded, range(k, k + n), axis) for k in range(before + after + 1))
