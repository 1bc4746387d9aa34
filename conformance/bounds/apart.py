"""Quantities whose bounds no error decides: those that are exact in some cases, and those of which nothing is specified."""

from typing import Any

import numpy as np

from normspec.conformance.play import Seen
from normspec.records import Arrays, Case

EXACT = ("running_mean", "running_variance", "mean", "variance", "dshift")
"""Quantities that are sums, means and squares of what is given, and no root or quotient."""
UNDIVIDED = ("y", "dx")
"""Those that are such where nothing is divided."""


def is_exact(case: Case, quantity: str) -> bool:
    """Tell whether a quantity of a case is the same in whatever order its sums are taken."""
    name = quantity.partition(".")[2]
    return case.exact and (name in EXACT or (name in UNDIVIDED and not getattr(case.spec, "divide", True)))


def unspecified(case: Case, quantity: str, seen: Seen) -> Any:
    """Tell of which elements of a quantity nothing is specified, or None where of all of them something is.

    These are they whose statistic has a value that is not finite, or that are themselves not finite for one that x had up to now.
    """
    step, _, name = quantity.partition(".")
    if step == "born":
        return None
    given = [_unmasked(s.inputs) for s in case.steps[: int(step) + 1]]
    if all(np.isfinite(x).all() for x in given):
        return None
    found = ~np.isfinite(np.asarray(seen[quantity]).astype(np.float64))
    if name not in ("y", "dx"):
        return found
    x, at = given[-1], case.spec.geometry(given[-1].shape)
    lost = ~np.isfinite(x.reshape(at.view)).all(axis=at.axes, keepdims=True)
    return found | np.broadcast_to(lost, at.view).reshape(x.shape)


def _unmasked(inputs: Arrays) -> Any:
    """Give x, and 0 where it is masked: what stands there reaches no statistic."""
    x = np.asarray(inputs["x"]).astype(np.float64)
    return np.where(inputs.get("mask", True), x, 0)
