"""Laws broken: running statistics that move when they must not, or not as they must, and masks that are not heeded."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from normspec.clauses import clause_id
from normspec.conformance.expectation import dtypes_of
from normspec.conformance.lineage import LOADED, shaped
from normspec.conformance.neighbours import derivatives
from normspec.conformance.neighbours.alternative import Alternative, Shown, bounds_of, of_case
from normspec.conformance.oracle import as_quad, truth
from normspec.layers.fields import moves
from normspec.records import Case, Step

STATE = (
    *("count", "running_mean", "running_variance", "running_deviation", "running_square"),
    *("renorm_mean", "renorm_variance", "renorm_deviation"),
    *("batch_mean", "batch_variance", "feature_mean", "feature_variance"),
    *("mean", "variance", "u", "v"),
)
GIVEN = ("y", "dx", "dscale", "dshift")


def moving(case: Case) -> tuple[str, ...]:
    """Give the modes in which state moves."""
    return moves(case.spec)


def still(case: Case) -> tuple[str, ...]:
    """Give the modes in which state stays."""
    return tuple(mode for mode in ("train", "evaluate", "freeze") if mode not in moves(case.spec))


def _has_state(case: Case) -> bool:
    """Tell whether the layer keeps anything that could move."""
    return any(slot.role == "state" for slot in case.spec.slots(case.situation.shape).values())


def _has_state_that_may_stay(case: Case) -> bool:
    """Tell whether the layer keeps anything that no step needs moved: where train takes what is kept, its y is of what has moved."""
    return _has_state(case) and getattr(case.spec, "train_with", "batch") == "batch"


def _has_mask(case: Case) -> bool:
    """Tell whether any step has a mask."""
    return any("mask" in step.inputs for step in case.steps)


Modes = Callable[[Case], tuple[str, ...]]


def _none(_: Case) -> tuple[str, ...]:
    return ()


def _observing(case: Case, *, early: Modes = _none, late: Modes = _none) -> Shown | None:
    """Give what a layer shows that also observes the same x before or after its steps in these modes."""
    before, after, staying = early(case), late(case), still(case)
    steps, found_at, left_at = [], {}, {}
    ends: dict[int | None, int | None] = {None: None, LOADED: LOADED}  # the steps by which the case's own have ended
    for k, own in enumerate(case.steps):
        step = replace(own, resumes=ends[own.resumes])
        look = replace(step, mode="observe", cotangent=None)
        steps += [look] * (step.mode in before)
        at = len(steps)
        steps += [_following(step) if step.mode in before else step] + [_following(look)] * (step.mode in after)
        ends[k] = len(steps) - 1
        found_at[str(at)] = k
        left_at[str(at + (step.mode in after) - (step.mode in before and step.mode in staying))] = k  # where it was moved
    shown = of_case(replace(case, steps=tuple(steps)))
    if shown is None:
        return None
    seen = _renumbered(shown.seen, found_at, left_at)
    return Shown(seen, shown.dtypes, lambda: _renumbered(shown.bounds(), found_at, left_at))


def _following(step: Step) -> Step:
    """Give a step that follows the one before it."""
    return replace(step, resumes=None, anew=False)


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
    seen, found = {q: value for q, value in truth(case).items() if q.startswith("born.")}, []
    for k, step in enumerate(case.steps):
        shown = of_case(replace(case, steps=(_following(step),)))
        if shown is None:
            return None
        numbers = {"0": k}
        seen |= _renumbered(shown.seen, numbers, numbers)
        seen |= {f"{k}.{name}": as_quad(case.values[name], case) for name in STATE if name in case.values}
        found.append((shown, numbers))
    return Shown(seen, dtypes_of(case), lambda: {q: b for shown, n in found for q, b in _renumbered(shown.bounds(), n, n).items()})


def _corrected_late(case: Case) -> Shown | None:
    """Give what a layer shows that is corrected towards averages that have moved: every step of training as if observed before."""
    seen = {**truth(case)}
    for k, step in enumerate(case.steps):
        if step.mode == "train":
            look = replace(_following(step), mode="observe", cotangent=None)
            shown = of_case(replace(case, steps=(*case.steps[:k], replace(look, resumes=step.resumes), _following(step))))
            if shown is None:
                return None
            seen |= {f"{k}.{name}": shown.seen[f"{k + 1}.{name}"] for name in GIVEN if f"{k}.{name}" in seen}
    return Shown(seen, dtypes_of(case), partial(bounds_of, case, seen))


def _unmasked(case: Case) -> Shown | None:
    """Give what a layer shows that takes its statistics over what is masked, too; the masks themselves it leaves as they are."""
    steps = tuple(replace(step, inputs={n: a for n, a in step.inputs.items() if n != "mask"}) for step in case.steps)
    shown = of_case(replace(case, steps=steps))
    masks = {f"{k}.inputs.mask": step.inputs["mask"] for k, step in enumerate(case.steps) if "mask" in step.inputs}
    return None if shown is None else shown._replace(seen={**shown.seen, **masks})


def _has_shards(case: Case) -> bool:
    """Tell whether x is cut."""
    return bool(case.situation.shards)


def _each_by_itself(case: Case) -> Shown | None:
    """Give what layers show that take each shard by itself: state is that of the first."""
    ends = np.cumsum(case.situation.shards)
    found = [of_case(_piece(case, slice(end - n, end))) for n, end in zip(case.situation.shards, ends, strict=True) if n]
    pieces = [shown.seen for shown in found if shown is not None]
    if len(pieces) < len(found):
        return None
    seen = {**truth(case)}
    for quantity in seen:
        name = quantity.partition(".")[2]
        if name in ("y", "dx"):
            seen[quantity] = np.concatenate([piece[quantity] for piece in pieces])
        elif not quantity.startswith("born") and not name.startswith("inputs."):
            seen[quantity] = sum(piece[quantity] for piece in pieces) if name in ("dscale", "dshift") else pieces[0][quantity]
    return Shown(seen, dtypes_of(case), dict)


def _piece(case: Case, rows: slice) -> Case:
    steps = tuple(
        replace(
            step, inputs={n: a[rows] for n, a in step.inputs.items()}, cotangent=None if step.cotangent is None else step.cotangent[rows]
        )
        for step in case.steps
    )
    return replace(case, steps=steps, situation=shaped(replace(case.situation, shards=()), steps))


class Breach(NamedTuple):
    """A law, in words what is wrong, whether a case has what it is about, and what a layer shows there that breaks it so.

    Where not every layer that has the law can break it so, `layers` are those that can.
    """

    law: str
    words: str
    applies: Callable[[Case], bool]
    show: Callable[[Case], Shown | None]
    layers: tuple[str, ...] = ()

    def is_of(self, layer: str) -> bool:
        """Tell whether a layer can break its law so."""
        return not self.layers or layer in self.layers


BREACHES = (
    Breach("update", "the statistics move twice", _has_state, partial(_observing, early=moving)),
    Breach("update", "the statistics stay", _has_state_that_may_stay, _staying),
    Breach("keep", "evaluation moves the statistics, then uses them", _has_state, partial(_observing, early=still)),
    Breach("keep", "evaluation moves the statistics afterwards", _has_state, partial(_observing, late=still)),
    Breach("earlier", "the averages are those after the update", _has_state, _corrected_late),
    Breach("mask", "the mask is not heeded", _has_mask, _unmasked),
    Breach("shards", "every shard has statistics of its own", _has_shards, _each_by_itself),
    *(
        Breach(f"tangent.{law}", words, derivatives.has, partial(derivatives.shown, constant=constant))
        for law, words, constant in (
            ("y", "the divisor is a constant", ("variance",)),
            ("y", "all that is taken from x is constant", ("mean", "variance")),
            ("gradient", "1 / divisor is a constant in it", ("inverse",)),
            ("gradient", "the normalized x is a constant in it", ("normal",)),
            ("gradient", "all of it is constant", ("mean", "variance", "inverse", "normal")),
        )
    ),
    Breach(
        "tangent.gradient",
        "the mean in the variance is a constant in it",
        derivatives.has,
        partial(derivatives.shown, constant=("centre",)),
        derivatives.STANDARDIZED,
    ),
)


def of_law(case: Case, path: str) -> Iterator[Alternative]:
    """Give a layer for each way in which the law at this path could be broken in a case."""
    for breach in BREACHES:
        if breach.law == path and path in case.spec.laws and breach.is_of(case.spec.layer) and breach.applies(case):
            yield Alternative(clause_id(case.spec, path), f"{path}: {breach.words}", partial(breach.show, case))
