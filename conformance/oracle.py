"""The oracle: the reference on quadruple-precision arrays, playing the case on the identical input bits."""

from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from normspec.conformance.play import Seen, play
from normspec.load import load
from normspec.records import Case, Implementation

REMEMBERED = 8192
"""Cases remembered at once. The suite must have fewer: asked one after the other, again and again, none would be remembered."""


@cache
def oracle() -> Implementation:
    """Give the reference's quad variant."""
    return load("reference:quad")


@lru_cache(maxsize=REMEMBERED)
def truth(case: Case) -> Seen:
    """Give what `observed` gives, remembered."""
    return observed(case)


def observed(case: Case) -> Seen:
    """Give what a conforming layer shows in this case, exact to 113 bits before any rounding to its dtypes."""
    case = replace(case, situation=replace(case.situation, layout=()))  # how arrays lie changes no value
    with np.errstate(all="ignore"):  # what is infinite or no number shows in the values; quad has no other way to say it
        return play(case, oracle())


def as_quad(array: Any, case: Case) -> Any:
    """Give an array's values as quad, bit by bit; what is no floating number, as an integer."""
    array = np.asarray(array)
    return array.astype(np.int64) if array.dtype.kind in "iub" else oracle().asarray(array, case.situation)
