"""What each grade allows a layer in a case: docs/bounds.md at the condition number, at its square, and at that of x without its mean."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.bounds import bounds
from normspec.conformance.oracle import truth
from normspec.records import Case

LEVELS = ("robust", "standard", "fast")
"""From the most accurate: the error does not grow with the condition number, grows with it, grows with its square."""
GRADED = ("0.y", "0.dx", "0.running_variance")
"""Quantities that are graded; what is lost of the others is in these."""

JUDGED = 1 / 8
"""The share of y's deviation up to which its bound may come: beyond, no error would tell anything."""


def is_judged(bounds_of_level: Mapping[str, Any]) -> bool:
    """Tell whether these bounds are small beside y, whose deviation is about 1."""
    return bool(np.max(bounds_of_level["0.y"]) <= JUDGED)


def allowed(case: Case) -> Mapping[str, Mapping[str, Any]]:
    """Give the bounds of every quantity that is graded, by the grade that allows so much."""
    two, one = (replace(case, spec=replace(case.spec, variance=point)) for point in ("two_pass", "one_pass"))
    cases = {"robust": _centred(two), "standard": two, "fast": one}
    found = {level: bounds(at, truth(case)) for level, at in cases.items()}
    return {level: {q: allowing[q] for q in GRADED if q in allowing} for level, allowing in found.items()}


def _centred(case: Case) -> Case:
    """Give the case of x less the mean of its values: its condition number is about 1, and y and the cotangents are what they were."""
    (step,) = case.steps
    x = np.asarray(step.inputs["x"]).astype(np.float64)
    at = case.spec.geometry(x.shape)
    lying = x.reshape(at.view)
    return replace(case, steps=(replace(step, inputs={"x": (lying - lying.mean(axis=at.axes, keepdims=True)).reshape(x.shape)}),))
