"""How close a point is to what was shown: by relative errors while one is searched for, within bounds where it is decided."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from normspec.conformance.blame import GRADIENTS
from normspec.conformance.distance import most
from normspec.conformance.expectation import expectation
from normspec.conformance.identification.records import Look
from normspec.conformance.judge import Check, judge
from normspec.conformance.neighbours.alternative import bounds_of
from normspec.conformance.oracle import observed, truth
from normspec.conformance.play import Seen
from normspec.conformance.wire import named
from normspec.dtypes import FLOATS
from normspec.errors import NormspecError
from normspec.layers.fields import PARAMETERS
from normspec.records import Array, Case

EXACT = 2.0**10
"""Roundoffs of the dtype in which numbers are solved for, up to which a quantity is as right as it can be."""
NONE = 10.0
"""What counts as the relative error of a quantity that is not there."""

BEYOND = "float16 large"
"""The probe whose statistics are beyond the dtype of x."""


@lru_cache(maxsize=8192)
def meant(look: Look, spec: Any) -> Case | None:
    """Give the case of a look for another spec, or None where a layer of it would own arrays that the subject does not have."""
    case = look.case
    try:
        slots = spec.slots(case.situation.shape)
    except NormspecError:
        return None
    if case.situation.weight is None and any(n not in case.values or np.shape(case.values[n]) != s.shape for n, s in slots.items()):
        return None
    return replace(case, spec=spec, values={name: a for name, a in case.values.items() if name in slots})


@lru_cache(maxsize=8192)
def shown(look: Look, spec: Any) -> Seen | None:
    """Give what a conforming layer of a spec shows, or None where there is none."""
    case = meant(look, spec)
    try:
        return None if case is None else observed(case)
    except NormspecError:
        return None


def loss(looks: Iterable[Look], spec: Any) -> float:
    """Give the mean logarithm of the relative errors: one quantity that is right counts as much as one that is far off."""
    errors = [max(error, _least(look)) for look in looks for error in _errors(look, spec)]
    return float(np.mean(np.log10(np.clip(errors, None, NONE)))) if errors else 0.0


def _least(look: Look) -> float:
    dtype = look.case.situation.dtype if look.exact else "float64"
    return EXACT * FLOATS[dtype].roundoff


def pairs(look: Look, spec: Any) -> Iterator[tuple[str, Any, Array]]:
    """Give the name of each array of numbers that is expected, what it must be, and what it is (None: it is not there)."""
    seen = shown(look, spec) or {}
    for quantity, value in seen.items():
        if not isinstance(value, str) and not quantity.partition(".")[2].startswith("inputs."):
            yield quantity, value, look.answer.arrays.get(quantity)


def _errors(look: Look, spec: Any) -> list[float]:
    texts = look.answer.texts.get("seen")
    if texts is None:  # it has no such layer there: that says nothing
        return []
    if shown(look, spec) is None:
        return [NONE]
    errors = {q: _error(value, got) for q, value, got in pairs(look, spec) if _is_made(q) and not _is_silent(q, texts)}
    rest = (_unexplained(look, quantity) for quantity in look.answer.arrays if _is_made(quantity) and quantity not in errors)
    return [*errors.values(), *(error for error in rest if error)]


def _is_made(quantity: str) -> bool:
    """Tell whether an array is made by a step or born as state: parameters and inputs, which stay, say nothing."""
    name = quantity.partition(".")[2]
    return name not in PARAMETERS and not name.startswith("inputs.")


def _unexplained(look: Look, quantity: str) -> float:
    """Give what counts as the error of an array that a layer of the spec does not show; 0 where it says nothing."""
    step, _, name = quantity.partition(".")
    if name in ("y", "dx"):
        return NONE
    loaded = look.case.values.get(name)
    still = name == "count" or step == "born" or (loaded is not None and np.array_equal(loaded, look.answer.arrays[quantity]))
    return 0.0 if still else 1.0


def _is_silent(quantity: str, texts: dict[str, str]) -> bool:
    """Tell whether the subject has said that it has no such quantity."""
    step, _, name = quantity.partition(".")
    earlier = (f"{k}.lacking" in texts for k in range(int(step) + 1)) if step != "born" else ("born" in texts,)
    return any(earlier) or (name in GRADIENTS and f"{step}.gradients" in texts)


def _error(value: Any, got: Array | None) -> float:
    if got is None or np.shape(got) != np.shape(value):
        return NONE
    with np.errstate(all="ignore"):
        here, there = np.asarray(value).astype(np.float64), np.asarray(got).astype(np.float64)
        same = (here == there) | (np.isnan(here) & np.isnan(there))
        off = np.sqrt(np.sum(np.where(same, 0.0, here - there) ** 2) / np.sum(there**2)) if not np.all(same) else 0.0
    return float(off) if np.isfinite(off) else NONE


def worst(look: Look, spec: Any) -> tuple[float, str]:
    """Give by how many bounds what was shown is away from a conforming layer of a spec, at most, and in which quantity."""
    if look.case.situation.weight is not None and getattr(spec, "warm_up", None) == 0:
        return 0.0, ""  # its vectors are random: whatever they are
    if look.name == BEYOND and getattr(spec, "statistics_dtype", "") == "input":
        return 0.0, ""  # what comes of numbers beyond the dtype's is anyone's: it is enough that the other dtypes are tried first
    return as_born(look, spec)


def as_born(look: Look, spec: Any) -> tuple[float, str]:
    """Give what `worst` gives, vectors that are random being those of the oracle."""
    return max(_ratios(look, spec), default=(0.0, ""))


def misses(looks: Iterable[Look], spec: Any) -> int:
    """Give how many quantities are out of bounds: of several fields that are wrong, each has its own."""
    return sum(off > 1 for look in looks if worst(look, spec)[0] > 1 for off, _ in _ratios(look, spec))


@lru_cache(maxsize=8192)
def _ratios(look: Look, spec: Any) -> tuple[tuple[float, str], ...]:
    """Give every quantity, and by how many bounds it is away: in a narrower dtype it may err as it does there about either truth."""
    found = _of(look, spec)
    if max(found, default=(0.0, ""))[0] <= 1 or getattr(spec, "statistics_dtype", "widened") == "widened":
        return found
    wide = _of(look, replace(spec, statistics_dtype="widened"), permitted=spec)
    return min(found, wide, key=lambda ratios: max(ratios, default=(0.0, "")))


def _of(look: Look, spec: Any, permitted: Any = None) -> tuple[tuple[float, str], ...]:
    """Give what `_ratios` gives; with `permitted`, within the bounds of that spec, which computes in a narrower dtype and may err more."""
    case = meant(look, spec)
    if case is None or shown(look, spec) is None:
        return ((np.inf, "arrays"),)
    checks = [check for check in judge(case, look.answer) if check.verdict != "unsupported"]
    ratios = [(_ratio(check), check.quantity) for check in checks] + [(np.inf, quantity) for quantity in _unowned(look, spec)]
    if permitted is not None:
        ratios = [(off if not 1 < off < np.inf else _eased(look, case, permitted, quantity), quantity) for off, quantity in ratios]
    return tuple(ratios)


def _unowned(look: Look, spec: Any) -> list[str]:
    """Give the arrays of state that a layer of the spec does not have, and that change."""
    explained = {"y", "dx", *(quantity.partition(".")[2] for quantity in shown(look, spec) or {})}
    made = (quantity for quantity in look.answer.arrays if _is_made(quantity) and quantity.partition(".")[2] not in explained)
    return [quantity for quantity in made if _unexplained(look, quantity)]


def _ratio(check: Check) -> float:
    """Give by how many bounds a quantity is off: infinitely, where it is another kind of thing, or has no bound that is a number."""
    if check.ratio is None or np.isnan(check.ratio):
        return np.inf if check.verdict == "fails" else 0.0
    return check.ratio


def _eased(look: Look, case: Case, permitted: Any, quantity: str) -> float:
    narrow = meant(look, permitted)
    expected = {e.quantity: e for e in expectation(case)}[quantity]
    if narrow is None:
        return np.inf
    bound = np.maximum(expected.bound, bounds_of(narrow, truth(case)).get(quantity, 0.0))
    return most(case, replace(expected, bound=bound), look.answer.arrays[quantity])


def born_right(look: Look, spec: Any) -> tuple[Look, dict[str, str]]:
    """Give a look with what is born in the dtypes that a layer of the spec has it in, and what is said of that which had another."""
    case, arrays, other = meant(look, spec), dict(look.answer.arrays), {}
    for expected in () if case is None else expectation(case):
        got = arrays.get(expected.quantity)
        if expected.step != "born" or got is None:
            continue
        found = got.dtype.name
        if {found, expected.dtype} <= {*FLOATS} and found != expected.dtype:
            arrays[expected.quantity] = got.astype(named(expected.dtype))
            other[expected.name] = f"born {found}, not {expected.dtype}"
    return replace(look, answer=look.answer._replace(arrays=arrays)), other


def away(looks: Iterable[Look], spec: Any) -> float:
    """Give by how many bounds the looks are away from a spec, at most."""
    return max((worst(look, spec)[0] for look in looks), default=0.0)


def fits(looks: Iterable[Look], spec: Any, most_away: float = 1.0) -> bool:
    """Tell whether everything shown is at most so many bounds away from a spec; the first look that is farther decides."""
    return all(worst(look, spec)[0] <= most_away for look in looks)
