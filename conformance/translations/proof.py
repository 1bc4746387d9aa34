"""A translation proved by running it: train in one framework, translate spec and state, go on in the other.

What goes on must be what the translation says it is, and so it must be off from the source, by as much as it predicted, in exactly the
quantities that the lost fields move.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from normspec.conformance.blame import GRADIENTS
from normspec.conformance.cases.draw import Difficulty, Modes, cases
from normspec.conformance.distance import most
from normspec.conformance.expectation import Expected, expectation
from normspec.conformance.judge import Check, judge
from normspec.conformance.oracle import truth
from normspec.conformance.subject import Answer, Subject
from normspec.conformance.wire import named
from normspec.deviation import Deviation
from normspec.dialects.entry import losses
from normspec.dtypes import of_slots
from normspec.errors import NormspecError
from normspec.records import Array, Case
from normspec.translation.translate import Translation

BEFORE: Modes = ("train", "train", "train")
AFTER: Modes = ("evaluate", "train", "train", "evaluate")
"""The first step after the translation is an evaluation, which nothing that is lost in training may touch."""


class NotProved(NormspecError):  # noqa: N818 - reads as what it says
    """The translation says of its own call what the call does not mean, or source or target did not play its part."""


@dataclass(frozen=True)
class Step:
    """One quantity after the translation, in bounds of the source's truth: how far off it was to be, and how far off it was.

    `slack` is the bound that the target has itself, in which it may be off from what was predicted.
    """

    quantity: str
    predicted: float
    measured: float
    slack: float


@dataclass(frozen=True)
class Proof:
    """The checks of the target as what the translation says it is, and how each quantity stands to what the source would have shown."""

    checks: tuple[Check, ...]
    steps: tuple[Step, ...]


def prove(t: Translation, source: Subject, target: Subject, known: tuple[Deviation, ...] = ()) -> Proof:
    """Train three steps in the source, translate, evaluate, train two more and evaluate in the target; `known` are its deviations.

    Raises
    ------
    NotProved
        Where the call does not mean what the translation says, or source or target show nothing to compare.
    """
    _, situation = t.there
    if lies := list(losses(t.meant, t.target.meaning(t.arguments, situation), situation)):
        raise NotProved(f"{t.call} must mean what the translation says, and differs in {', '.join(path for path, _, _ in lies)}")
    (whole,) = cases(
        Difficulty(
            about="output",
            name="proof",
            spec=t.spec,
            shapes=(t.situation.shape,),
            modes=(*BEFORE, *AFTER),
            dtypes=((t.situation.dtype, t.situation.parameter_dtype),),
            count=0,
        )
    )
    kept = {name: _few_digits(a) if name in {*t.source.plus, *t.target.plus} else a for name, a in whole.values.items()}
    whole = replace(whole, values=kept)
    first = replace(whole, id=f"{whole.id}/before", steps=whole.steps[: len(BEFORE)])
    source.ask(first)
    learned = _learned(first, source.answer())
    asked = _going_on(t, whole, learned)
    meant = replace(asked, id=f"{whole.id}/meant", spec=t.meant)
    carried = _translated(t, learned)
    slots = t.meant.slots(asked.situation.shape)
    if born := [t.target.names[name] for name, slot in slots.items() if slot.born is None and name not in carried]:
        raise NotProved(
            f"{', '.join(born)} of the target must come from the source, which has nothing of it; it is born at random, or of x"
        )
    target.ask(replace(meant, values=carried))
    answer = target.answer()
    if silent := [e.quantity for e in expectation(meant) if not _shown(e, answer)]:
        raise NotProved(f"the target must show {', '.join(silent)}, got {answer.texts}")
    return Proof(tuple(judge(meant, answer, known)), tuple(_steps(asked, meant, answer)))


def _few_digits(a: Array) -> Array:
    """Give an array in steps of 2^-8, to which something may be added without a rounding."""
    return np.round(a * 2.0**8).astype(a.dtype) / np.asarray(2.0**8, a.dtype)


def _shown(expected: Expected, answer: Answer) -> bool:
    """Tell whether a target shows a quantity, or has no gradients to show, or nothing before it is loaded."""
    seen = answer.texts.get("seen", {})
    has_none = expected.step == "born" in seen or (f"{expected.step}.gradients" in seen and expected.name in GRADIENTS)
    return expected.quantity in answer.arrays or expected.refused or has_none


def _learned(case: Case, answer: Answer) -> Mapping[str, Array]:
    """Give parameters and state as the source shows them after its last step."""
    last = len(case.steps) - 1
    found = {name: answer.arrays.get(f"{last}.{name}") for name in case.values}
    if any(value is None for value in found.values()):
        raise NotProved(f"the source must show {', '.join(found)} after its training, got {answer.texts}")
    return found


def _translated(t: Translation, learned: Mapping[str, Array]) -> dict[str, Array]:
    """Give the arrays under the target's names and back under ours, in the shapes of the target's meaning, and counts in their dtype."""
    native = {theirs: learned[ours] - t.source.plus.get(ours, 0) for ours, theirs in t.source.names.items() if ours in learned}
    converted = t.convert(native)
    _, situation = t.there
    slots, dtypes = t.meant.slots(situation.shape), of_slots(t.meant, situation)
    kept = {name: converted[theirs] for name, theirs in t.target.names.items() if theirs in converted and name in slots}
    ours = {name: a + t.target.plus.get(name, 0) for name, a in kept.items()}
    found = {name: np.reshape(a, slots[name].shape) for name, a in ours.items()}
    return {name: a.astype(named(dtypes[name])) if slots[name].role == "count" else a for name, a in found.items()}


def _going_on(t: Translation, whole: Case, values: Mapping[str, Array]) -> Case:
    """Give the source's case from here on, its x in the target's layout."""
    spec, situation = t.there
    order = t.axes or tuple(range(len(situation.shape)))

    def there(a: Any) -> Any:
        return None if a is None else np.ascontiguousarray(np.transpose(a, order))

    steps = tuple(replace(s, inputs={"x": there(s.inputs["x"])}, cotangent=there(s.cotangent)) for s in whole.steps[len(BEFORE) :])
    return replace(whole, id=f"{whole.id}/asked", spec=spec, situation=situation, values=values, steps=steps)


def _steps(asked: Case, meant: Case, answer: Answer) -> list[Step]:
    predicted, own = truth(meant), {e.quantity: e.bound for e in expectation(meant)}
    return [
        Step(e.quantity, most(asked, e, predicted[e.quantity]), most(asked, e, answer.arrays[e.quantity]), _slack(e, own[e.quantity]))
        for e in expectation(asked)
        if e.quantity in predicted and e.quantity in answer.arrays and not e.same_as and not e.refused
    ]


def _slack(expected: Expected, own: Any) -> float:
    """Give the target's bound in the source's, at most; where that is exact there is none."""
    some = np.asarray(expected.bound) > 0
    return float(np.max(np.asarray(own)[some] / np.asarray(expected.bound)[some], initial=0.0))
