"""What the rows of Paddle have in common. Imports no framework."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from normspec.deviation import Deviation
from normspec.dialects.paddle.common import DOCS
from normspec.records import Array, Case

DOUBLE, SINGLE = (("float64", "float64"),), (("float32", "float32"),)
BOTH = DOUBLE + SINGLE
EACH = ("train", "evaluate", "freeze")
GRAD: dict[str, str] = {
    "promise": "This API computes the sum of gradients of `outputs` with respect to each `inputs`.",
    "source": f"{DOCS}paddle/grad_en.html",
}
LAYERS = ("paddle",)
"""Where layers and hooks are judged; what they call is a variant."""


def row(script: str, **told: Any) -> Deviation:
    """Give a row of this version; none is known upstream unless it is told."""
    shared: dict[str, Any] = {"upstream": "none found", "modes": EACH, "dtypes": BOTH, "reproduction": f"docs/findings/paddle_{script}.py"}
    return Deviation(**{**shared, **told}, versions="3.3.1", reviewed=date(2026, 11, 22))


def differentiated(case: Case) -> Iterator[tuple[int, Array, Array]]:
    """Give the number, x and dy of each step whose gradients are asked for, in more digits than those of float64."""
    for k, step in enumerate(case.steps):
        if step.cotangent is not None and step.direction is None:
            yield k, step.inputs["x"].astype(np.longdouble), step.cotangent.astype(np.longdouble)
