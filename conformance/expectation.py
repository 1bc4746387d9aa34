"""What a case expects: the quantities that are judged, their truth, bound and dtype, all before any subject is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from normspec.conformance.bounds import bounds
from normspec.conformance.oracle import truth
from normspec.dtypes import of_slots, output
from normspec.records import Case


@dataclass(frozen=True)
class Expected:
    """One quantity: its exact value, how far from it an honest layer may be (0: not at all), and its dtype.

    `refused` stands where the step must be refused; it has no value. `same_as` stands where the array must be, bit by bit, what
    the subject itself showed as that earlier quantity, which has been judged there.
    """

    quantity: str
    value: Any
    bound: Any
    dtype: str
    refused: bool = False
    same_as: str = ""

    @property
    def step(self) -> str:
        """The step's number, or `born`."""
        return self.quantity.partition(".")[0]

    @property
    def name(self) -> str:
        """The array's name: y, dx, running_mean, inputs.x ..."""
        return self.quantity.partition(".")[2]


def expectation(case: Case) -> tuple[Expected, ...]:
    """Give everything that is judged in a case; remembered, for several subjects play the same cases."""
    if case.id not in _REMEMBERED:
        if len(_REMEMBERED) > MOST:
            _REMEMBERED.clear()
        seen = truth(case)
        allowed, dtypes = bounds(case, seen), dtypes_of(case)
        _REMEMBERED[case.id] = tuple(_expected(quantity, value, allowed, dtypes, case) for quantity, value in seen.items())
    return _REMEMBERED[case.id]


MOST = 4096
"""Cases remembered at once."""
_REMEMBERED: dict[str, tuple[Expected, ...]] = {}


def bound_within(case: Case, expected: Expected, changes: Mapping[str, Any]) -> Any:
    """Give the bound that a quantity would have if the spec were changed so; the truth stays what it is."""
    return bounds(replace(case, spec=replace(case.spec, **changes)), truth(case))[expected.quantity]


def dtypes_of(case: Case) -> dict[str, str]:
    """Give the dtype of every array that a case shows, by its name."""
    slots = of_slots(case.spec, case.situation)
    gradients = {f"d{name}": dtype for name, dtype in slots.items()}
    return {**slots, **gradients, "y": output(case.spec, case.situation), "dx": case.situation.dtype}


def _expected(quantity: str, value: Any, allowed: Any, dtypes: dict[str, str], case: Case) -> Expected:
    step, _, name = quantity.partition(".")
    if name == "raised":
        return Expected(quantity, value, None, "", refused=True)
    exact = np.zeros(np.shape(value))
    if name.startswith("inputs."):
        own = name.removeprefix("inputs.")
        value = case.steps[int(step)].cotangent if own == "dy" else case.steps[int(step)].inputs[own]
        return Expected(quantity, value, exact, value.dtype.name)
    earlier = int(step) - 1 if name in case.values and quantity not in allowed and step != "born" else -1
    moved = name == "count" and step != "born" and case.steps[int(step)].mode in ("train", "observe")
    return Expected(
        quantity, value, allowed.get(quantity, exact), dtypes[name], same_as=f"{earlier}.{name}" if earlier >= 0 and not moved else ""
    )
