"""How far an array is from the truth, in bounds."""

from typing import Any

import numpy as np

from normspec.conformance.expectation import Expected
from normspec.conformance.oracle import as_quad
from normspec.records import Array, Case


def most(case: Case, expected: Expected, got: Array) -> float:
    """Give the distance of the worst element, in bounds."""
    return float(np.max(distance(case, expected, got)[1], initial=0))


def distance(case: Case, expected: Expected, got: Array) -> tuple[Any, Any]:
    """Give |got - truth| and its ratio to the bound, both float64 and element by element.

    Equal values, infinities and NaNs among them, are at distance 0; one that is not finite where the other is, is infinitely far. Any
    value is within an infinite bound.
    """
    there, here = as_quad(got, case), as_quad(expected.value, case)
    if there.shape != here.shape:
        return np.full(here.shape, np.inf), np.full(here.shape, np.inf)
    with np.errstate(all="ignore"):
        same = (there == here) | ((there != there) & (here != here))  # noqa: PLR0124 - NaN alone differs from itself
        away = np.where(same, 0.0, np.abs(there - here).astype(np.float64))
        away = np.where(np.isnan(away), np.inf, away)
        return away, np.where(same | np.isposinf(expected.bound), 0.0, away / expected.bound)
