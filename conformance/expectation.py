"""What a case expects: the quantities that are judged, their truth, bound and dtype, all before any subject is asked."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from normspec.conformance.bounds import bounds
from normspec.conformance.lineage import LOADED, before
from normspec.conformance.oracle import REMEMBERED, truth
from normspec.deviation import BY_CHANCE, Deviation
from normspec.dtypes import of_inputs, of_slots, output
from normspec.layers.fields import moves
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


@lru_cache(maxsize=REMEMBERED)
def expectation(case: Case) -> tuple[Expected, ...]:
    """Give everything that is judged in a case; remembered, for several subjects play the same cases."""
    seen = truth(case)
    allowed, dtypes = bounds(case, seen), dtypes_of(case)
    return tuple(_expected(quantity, value, allowed, dtypes, case) for quantity, value in seen.items())


def tolerated(case: Case, expected: Expected, row: Deviation) -> Expected | None:
    """Give what a quantity may be where a deviation covers it, or None where that says nothing of it.

    `instead` changes the truth, and with it the bound; `value` changes the truth alone. `within` widens the bound, to a share of the
    one that the case has with its spec changed so, or to all of that where the case is drawn by chance and so was not among those that
    were measured; the truth stays what it is. `shows` changes the dtype.
    """
    if row.shows:
        return replace(expected, dtype=row.shows)
    if row.instead is not None:
        found = {e.quantity: e for e in expectation(row.instead(case, truth(case)))}.get(expected.quantity)
        return None if found is None else replace(found, bound=row.quantities[expected.name] * found.bound)
    if row.value is not None:
        value = row.value(case, truth(case)).get(expected.quantity)
        return None if value is None else replace(expected, value=value, bound=row.quantities[expected.name] * expected.bound)
    share = 1.0 if BY_CHANCE in case.id else row.quantities[expected.name]
    wider = bounds(replace(case, spec=replace(case.spec, **row.within)), truth(case)).get(expected.quantity)
    return None if wider is None else replace(expected, bound=np.maximum(expected.bound, share * wider))


def dtypes_of(case: Case) -> dict[str, str]:
    """Give the dtype of every array that a case shows, by its name."""
    slots = of_slots(case.spec, case.situation)
    gradients = {f"d{name}": dtype for name, dtype in {**slots, **of_inputs(case.spec, case.situation)}.items()}
    shown = {**gradients, "y": output(case.spec, case.situation), "dx": case.situation.dtype}
    return {**slots, **shown, **{f"tangent.{name}": dtype for name, dtype in shown.items()}}


def _expected(quantity: str, value: Any, allowed: Any, dtypes: dict[str, str], case: Case) -> Expected:
    step, _, name = quantity.partition(".")
    if name == "raised":
        return Expected(quantity, value, None, "", refused=True)
    exact = np.zeros(np.shape(value))
    if name.startswith("inputs."):
        own = name.removeprefix("inputs.")
        value = case.steps[int(step)].cotangent if own == "dy" else case.steps[int(step)].inputs[own]
        return Expected(quantity, value, exact, value.dtype.name)
    same_as = _earlier(step, name, case) if _stays(quantity, allowed, case) else ""
    return Expected(quantity, value, allowed.get(quantity, exact), dtypes[name], same_as=same_as)


def _earlier(step: str, name: str, case: Case) -> str:
    """Give the quantity that showed an array before a step, or nothing where it is what was loaded."""
    earlier = LOADED if step == "born" else before(case, int(step))
    if earlier != LOADED:
        return f"{earlier}.{name}"
    return "" if step == "born" or name in case.values else f"born.{name}"


def _stays(quantity: str, allowed: Any, case: Case) -> bool:
    """Tell whether an array that the layer owns must be what it was before the step: no bound says that it moves, nor a count."""
    step, _, name = quantity.partition(".")
    counts = name == "count" and step != "born" and case.steps[int(step)].mode in moves(case.spec) and f"{step}.raised" not in truth(case)
    return name in case.spec.slots(case.situation.shape) and quantity not in allowed and not counts
