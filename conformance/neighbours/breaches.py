"""Laws broken: running statistics that move when they must not, or not as they must, and masks that are not heeded."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from normspec.clauses import clause_id
from normspec.conformance.expectation import dtypes_of
from normspec.conformance.neighbours.alternative import Alternative, Shown, of_case
from normspec.conformance.oracle import as_quad, truth
from normspec.layers.fields import moves
from normspec.records import Case

STATE = ("count", "running_mean", "running_variance", "mean", "variance", "u", "v")


def moving(case: Case) -> tuple[str, ...]:
    """Give the modes in which state moves."""
    return moves(case.spec)


def still(case: Case) -> tuple[str, ...]:
    """Give the modes in which state stays."""
    return tuple(mode for mode in ("train", "evaluate", "freeze") if mode not in moves(case.spec))


def _has_state(case: Case) -> bool:
    """Tell whether the layer keeps anything that could move."""
    return any(slot.role == "state" for slot in case.spec.slots(case.situation.shape).values())


Modes = Callable[[Case], tuple[str, ...]]


def _none(_: Case) -> tuple[str, ...]:
    return ()


def _observing(case: Case, *, early: Modes = _none, late: Modes = _none) -> Shown | None:
    """Give what a layer shows that also observes the same x before or after its steps in these modes."""
    if not _has_state(case):
        return None
    before, after, staying = early(case), late(case), still(case)
    steps, found_at, left_at = [], {}, {}
    for k, step in enumerate(case.steps):
        look = replace(step, mode="observe", cotangent=None)
        steps += [look] * (step.mode in before)
        at = len(steps)
        steps += [step] + [look] * (step.mode in after)
        found_at[str(at)] = k
        left_at[str(at + (step.mode in after) - (step.mode in before and step.mode in staying))] = k  # where it was moved
    shown = of_case(replace(case, steps=tuple(steps)))
    if shown is None:
        return None
    seen = _renumbered(shown.seen, found_at, left_at)
    return Shown(seen, shown.dtypes, lambda: _renumbered(shown.bounds(), found_at, left_at))


def _renumbered(found: Mapping[str, Any], found_at: dict[str, int], left_at: dict[str, int]) -> dict[str, Any]:
    """Give what was found in a longer script by the numbers of the case's own steps; `left_at` says where their states are."""
    out = {quantity: value for quantity, value in found.items() if quantity.startswith("born.")}
    for quantity, value in found.items():
        step, _, name = quantity.partition(".")
        numbers = left_at if name in STATE else found_at
        if step in numbers:
            out[f"{numbers[step]}.{name}"] = value
    return out


def _staying(case: Case) -> Shown | None:
    """Give what a layer shows whose state stays as it was loaded: every step is as if it were the first."""
    if not _has_state(case) or getattr(case.spec, "train_with", "batch") == "running":
        return None
    seen, found = {q: value for q, value in truth(case).items() if q.startswith("born.")}, []
    for k, step in enumerate(case.steps):
        shown = of_case(replace(case, steps=(step,)))
        if shown is None:
            return None
        numbers = {"0": k}
        seen |= _renumbered(shown.seen, numbers, numbers)
        seen |= {f"{k}.{name}": as_quad(case.values[name], case) for name in STATE if name in case.values}
        found.append((shown, numbers))
    return Shown(seen, dtypes_of(case), lambda: {q: b for shown, n in found for q, b in _renumbered(shown.bounds(), n, n).items()})


def _unmasked(case: Case) -> Shown | None:
    """Give what a layer shows that takes its statistics over what is masked, too."""
    steps = tuple(replace(step, inputs={n: a for n, a in step.inputs.items() if n != "mask"}) for step in case.steps)
    return of_case(replace(case, steps=steps)) if any("mask" in step.inputs for step in case.steps) else None


BREACHES: tuple[tuple[str, str, Callable[[Case], Shown | None]], ...] = (
    ("update", "the statistics move twice", partial(_observing, early=moving)),
    ("update", "the statistics stay", _staying),
    ("keep", "evaluation moves the statistics, then uses them", partial(_observing, early=still)),
    ("keep", "evaluation moves the statistics afterwards", partial(_observing, late=still)),
    ("mask", "the mask is not heeded", _unmasked),
)
"""Law, in words what is wrong, and what a layer shows where it is."""


def of_law(case: Case, path: str) -> Iterator[Alternative]:
    """Give a layer for each way in which the law at this path could be broken."""
    for law, words, show in BREACHES:
        if law == path and law in case.spec.laws:
            yield Alternative(clause_id(case.spec, path), f"{path}: {words}", partial(show, case))
