"""An alternative: a layer of another meaning than the one asked, and what it would show in a case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.bounds import Bounds, bounds
from normspec.conformance.distance import most
from normspec.conformance.expectation import Expected, dtypes_of
from normspec.conformance.oracle import observed
from normspec.conformance.play import Seen
from normspec.errors import NormspecError
from normspec.records import Case


class Shown(NamedTuple):
    """What a layer shows, exact to 113 bits, the dtype of each array, and, when asked, the bounds of an honest one of its meaning."""

    seen: Seen
    dtypes: Mapping[str, str]
    bounds: Callable[[], Bounds]


@dataclass(frozen=True)
class Alternative:
    """Another meaning: the clause that a layer of it breaks, what it is in words, and what it shows (None: there is none such).

    Where `only` is given, that quantity alone differs from the truth; where `spec` is, it is a conforming layer of that spec.
    """

    clause: str
    label: str
    shown: Callable[[], Shown | None]
    only: str = ""
    spec: Any = None


def of_case(case: Case) -> Shown | None:
    """Give what a conforming layer shows in another case, or None where there is no such layer on its x."""
    try:
        seen = observed(case)
    except NormspecError:
        return None
    return Shown(seen, dtypes_of(case), partial(bounds_of, case, seen))


def bounds_of(case: Case, seen: Seen) -> Bounds:
    """Give bounds around any values, infinite where these are."""
    with np.errstate(all="ignore"):
        return bounds(case, seen)


def away(case: Case, expected: Expected, shown: Shown) -> float:
    """Give by how many bounds of the case an alternative is away from a quantity's truth; infinite where it has no such array.

    What must stay is judged against what the subject itself showed before, and so is the alternative: against what it shows there.
    """
    dtype = shown.dtypes.get(expected.name, expected.dtype)
    if expected.quantity not in shown.seen or dtype != expected.dtype:
        return np.inf
    if expected.refused:
        return 0.0
    must = shown.seen.get(expected.same_as, expected.value)
    return most(case, replace(expected, value=must), shown.seen[expected.quantity])
