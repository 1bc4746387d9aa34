"""What a difference between two layers does to numbers: both are played on the same inputs, those of `stated`, and compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal, NamedTuple

import numpy as np

from normspec.clauses import differences
from normspec.conformance.blame import GRADIENTS
from normspec.conformance.play import Seen, play
from normspec.conformance.translations.stated import evaluated, few_groups, retold, trained
from normspec.errors import InvalidInput, InvalidSpec, Unsupported
from normspec.layers.axes import axes_fields
from normspec.layers.fields import Slot
from normspec.load import load
from normspec.normal import normal
from normspec.records import Array, Case, Implementation, Situation
from normspec.translation.call import required
from normspec.translation.situated import meaning
from normspec.translation.translate import Translation

LINES = ("evaluation", "training", "running statistics")
SIZES = (8, 8192)
"""Values per statistic: few and many."""
RUNNING = ("running_mean", "running_variance")
MOVED = (*RUNNING, "mean", "variance")
"""State of which it is told how far it moves."""
ROUNDING = 1e-12
"""Differences no larger than this are none, for numbers such as 1 - 0.99 are rounded in every dialect."""
QUAD_BITS = 112
"""Bits of the fraction of an IEEE quadruple."""


class Off(NamedTuple):
    """The largest difference of a line, and the quantity that it is of.

    It is told as a share of the largest value asked for; of running statistics, as a share of how far they were to move from where
    they are born, for so it depends on the rate no more than the end of a training does. It is infinite where one layer has what the
    other has not, or where other values of x share a statistic; then `quantity` says what.
    """

    error: float
    quantity: str

    @property
    def none(self) -> bool:
        """Whether there is no difference but rounding."""
        return self.error <= ROUNDING


SAME = Off(0.0, "")
OTHER_AXES, OTHER_GROUPS = "other axes", "other groups"
OTHERS = {OTHER_AXES: "other axes of x", OTHER_GROUPS: "other groups of channels"}
"""Why other values of x share a statistic."""


@dataclass(frozen=True)
class Line:
    """What a translation does to a line: same by the target's own defaults, bridged by the arguments written, or off."""

    status: Literal["same", "bridged", "off"]
    off: Off


@cache
def player() -> Implementation:
    """Give what plays: the reference in quadruple precision, or in float64 where this machine has no such arrays."""
    quad = find_spec("numpy_quaddtype") is not None or np.finfo(np.longdouble).nmant == QUAD_BITS
    return load("reference:quad" if quad else "reference:numpy")


def of_translation(t: Translation, n: int) -> dict[str, Line]:
    """Give what becomes of each line, with n values per statistic."""
    asked, situation = t.there
    called = off(asked, t.meant, situation, n)
    own = _by_default(t, asked, situation, n) if any(line.none for line in called.values()) else called
    return {line: Line("off" if not called[line].none else "same" if own[line].none else "bridged", called[line]) for line in LINES}


def _by_default(t: Translation, asked: Any, situation: Situation, n: int) -> Mapping[str, Off]:
    """Give how far the target is by its own defaults, told nothing but what it must be."""
    told = {name: t.arguments[name] for name in required(t.target) if name in t.arguments}
    try:
        return off(asked, meaning(t.target, told, situation), situation, n)
    except (InvalidInput, Unsupported) as reason:  # what it must be told is not known
        return dict.fromkeys(LINES, Off(float("inf"), str(reason)))


def of_fields(asked: Any, found: Any, situation: Situation, n: int) -> dict[str, dict[str, Off] | None]:
    """Give what each field in which two specs differ does alone; None where no layer has it so with all else as asked."""
    effects: dict[str, dict[str, Off] | None] = {}
    for path, _, value in differences(normal(asked, situation), normal(found, situation)):
        changed = _with(asked, path, value)
        effects[path] = None if changed is None else off(asked, changed, situation, n)
    return effects


def _with(spec: Any, path: str, value: Any) -> Any:
    head, _, rest = path.partition(".")
    try:
        return replace(spec, **{head: _with(getattr(spec, head), rest, value) if rest else value})
    except InvalidSpec:
        return None


def of_one_value(spec: Any, situation: Situation) -> str:
    """Say what becomes of a training step with one value per statistic."""
    case = trained(spec, situation, 1)
    seen = _played(case)
    if "0.raised" in seen:
        return "refused"
    shift = np.asarray(case.values.get("shift", 0.0)).reshape(-1).astype(np.float64)
    return "gives shift" if (seen["0.y"].reshape(-1).astype(np.float64) == shift).all() else "gives numbers"


def off(asked: Any, found: Any, situation: Situation, n: int) -> dict[str, Off]:
    """Give how far a layer is from the one asked for, line by line, with n values per statistic."""
    if apart := _apart(asked, found, situation):
        return dict.fromkeys(LINES, Off(float("inf"), apart))
    a, b = normal(asked, situation), normal(found, situation)
    if not list(differences(a, b)):
        return dict.fromkeys(LINES, SAME)
    a, b = few_groups(a), few_groups(b)
    evaluation, training = evaluated(a, situation, n), trained(a, situation, n)
    used, learned = ((_played(case), _played(retold(case, b))) for case in (evaluation, training))
    last = len(training.steps) - 1
    steps = [f"{k}.{name}" for k in range(last + 1) for name in ("raised", "y", *GRADIENTS)]
    kept = [f"{last}.{name}" for name in {**state(a, training.situation), **state(b, training.situation)}]
    return dict(zip(LINES, (_largest(*used, ["0.raised", "0.y"]), _largest(*learned, steps), _largest(*learned, kept)), strict=True))


def state(spec: Any, situation: Situation) -> dict[str, Slot]:
    """Give what a layer keeps from step to step, counts left out."""
    return {name: slot for name, slot in spec.slots(situation.shape).items() if slot.role == "state"}


def labels(*kept: str) -> dict[str, str]:
    """Give what the lines are called, of layers that keep these from step to step: without any, the last says nothing."""
    said = LINES[-1] if set(RUNNING) & set(kept) else " and ".join(dict.fromkeys(kept))
    return {line: line if line != LINES[-1] else said for line in LINES if line != LINES[-1] or kept}


def _apart(asked: Any, found: Any, situation: Situation) -> str:
    """Say what differs where other values of x share a statistic, or own a parameter, so that every number is another."""
    try:
        a, b = normal(asked, situation), normal(found, situation)
        groups = a.geometry(situation.shape) != b.geometry(situation.shape)
    except InvalidInput:  # the groups of one do not divide the channels that the other has
        return OTHER_GROUPS
    axes = any(getattr(a, name) != getattr(b, name) for name in axes_fields(a))
    return OTHER_AXES if axes else OTHER_GROUPS if groups else ""


def _played(case: Case) -> Seen:
    with np.errstate(all="ignore"):  # what is infinite or no number shows in the values
        return play(case, player())


def _largest(asked: Seen, found: Seen, quantities: Iterable[str]) -> Off:
    """Give the largest difference among quantities, the first of those that one alone has being the largest."""
    return max((_between(asked, found, quantity) for quantity in quantities), key=lambda off: off.error, default=SAME)


def _between(asked: Seen, found: Seen, quantity: str) -> Off:
    name = quantity.partition(".")[2]
    if (quantity in asked) != (quantity in found):
        told = {"raised": ("does not refuse", "refuses")}.get(name, (f"lacks {name}", f"has {name}"))
        return Off(float("inf"), told[quantity in found])
    if quantity not in asked or isinstance(asked[quantity], str):
        return SAME
    truth = asked[quantity] - asked[f"born.{name}"] if name in MOVED else asked[quantity]
    size, away = _size(truth), _size(found[quantity] - asked[quantity])
    return Off(away / size if size else away, name) if np.isfinite(away) else Off(float("inf"), name)


def _size(array: Array) -> float:
    return float(np.max(np.abs(array).astype(np.float64), initial=0.0))
