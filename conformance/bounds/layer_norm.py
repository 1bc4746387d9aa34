"""Bounds of layer normalization: docs/bounds.md, applied to each step of a case."""

from typing import Any

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.records import Case


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    spec = case.spec.at_rank(len(case.situation.shape))
    out: dict[str, Any] = {}
    for i, step in enumerate(case.steps):
        if f"{i}.raised" in seen:
            continue
        x = s.wide(step.inputs["x"])
        at = s.normalized(case, x, spec.axes, s.moments(spec, x, spec.axes), (np.zeros(()), np.zeros(())), 1.0)
        dy = None if step.cotangent is None else s.wide(step.cotangent)
        shown = {f"{i}.{name}": b for name, b in s.step(case, at, dy, spec.axes, spec.parameter_axes).items() if f"{i}.{name}" in seen}
        out |= s.rounded(case, shown, seen)
    return out
