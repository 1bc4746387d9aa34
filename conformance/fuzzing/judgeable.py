"""Which of the cases that are drawn can be judged: where an honest layer can be told from a wrong one.

Numbers are neither so large nor so small that their powers leave the dtype in which statistics are taken, and the bound of y is small
beside y. What lies beyond has cases of its own.
"""

from typing import Any

import numpy as np

from normspec.conformance.bounds import bounds
from normspec.conformance.bounds.standardize import population
from normspec.conformance.oracle import truth
from normspec.dtypes import FLOATS, of_slots, output, statistics
from normspec.errors import InvalidInput
from normspec.records import Case, Step

LARGE, JUDGED = 1 / 64, 1 / 8
"""Shares: of the largest number, up to which sums of powers may come; of y, up to which its bound may."""


def judgeable(case: Case) -> bool:
    """Tell whether an honest layer can be told from a wrong one in a case: else nothing may be concluded from it."""
    if not all(_in_range(case, step) and not _rounds_one_way(case, step) for step in case.steps):
        return False
    seen, dtypes = truth(case), {**of_slots(case.spec, case.situation), "y": output(case.spec, case.situation)}
    if any(str(value).startswith(InvalidInput.__name__) for quantity, value in seen.items() if quantity.endswith(".raised")):
        return False  # an x on which there is no such layer
    with np.errstate(all="ignore"):
        allowed = bounds(case, seen)
    for quantity, bound in allowed.items():
        name = quantity.partition(".")[2]
        size = np.max(np.abs(np.asarray(seen[quantity]).astype(np.float64)), initial=0)
        if not np.all(np.isfinite(bound)) or size > FLOATS[dtypes.get(name, case.situation.dtype)].largest * LARGE:
            return False
        if name == "y" and np.max(bound, initial=0) > size * JUDGED:
            return False
    return True


def _in_range(case: Case, step: Step) -> bool:
    """Tell whether sums of powers stay below the largest number, and in each statistic above the smallest normal one unless they are 0.

    Below that, the sum has fewer digits than the bounds know of. The powers are those of x, or of what is left when its mean is taken away.
    Where derivatives are asked for, there must be some.
    """
    spec, kind = case.spec.at_rank(len(case.situation.shape)), FLOATS[statistics(case.spec, case.situation.dtype)]
    order, at = getattr(spec, "order", 2.0), spec.geometry(step.inputs["x"].shape)
    x = np.asarray(step.inputs["x"]).astype(np.float64)
    if x.size * np.max(np.abs(x), initial=0) ** order > kind.largest * LARGE:
        return False
    counted: Any = step.inputs.get("mask", np.ones((), bool))
    x, counted = x.reshape(at.view), np.broadcast_to(counted, x.shape).reshape(at.view)
    left = x - population(x, at.axes, counted)[0] if hasattr(spec, "correction") else x
    most = np.max(np.abs(left) ** order, axis=at.axes, where=counted, initial=0)
    flat = (most == 0) & (step.direction is None or _is_smooth(spec))
    return bool(np.all(flat | (most > at.n * kind.tiny / kind.roundoff)))


def _rounds_one_way(case: Case, step: Step) -> bool:
    """Tell whether vectors are of one value because the weight is: sums of equal terms may round all one way, farther than G(n) knows."""
    x = np.asarray(step.inputs["x"]).astype(np.float64)
    return hasattr(case.spec, "iterations") and x.size > 1 and bool(np.all(x == x.flat[0]))


def _is_smooth(spec: Any) -> bool:
    """Tell whether a layer has derivatives where a statistic is 0: the root of 0 has none."""
    return getattr(spec, "epsilon_place", "inside") == "inside" and getattr(spec, "epsilon", 1.0) > 0
