"""Semantic parameters that layers of every kind have, with their sentences and rules; and the laws that all of them keep."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields
from functools import cache
from typing import Any, Literal, NamedTuple

from normspec.clauses import Rule, choice
from normspec.records import Mode

StatisticsDtype = Literal["widened", "input", "float32"]
OutputDtype = Literal["input", "promoted", "promoted_with_state"]


PARAMETERS = ("scale", "shift", "alpha", "threshold", "offset", "style")
"""Every array that some layer learns, or is given with x instead."""


class Slot(NamedTuple):
    """An array that a layer owns or is given with x: its shape, its role, and what it is born as.

    That is None where it is random, made of x, or given with x: then its dtype is that of parameters, or x's where its role is `input`.
    """

    shape: tuple[int, ...]
    role: Literal["parameter", "state", "count", "input"]
    born: float | None


def epsilon() -> Any:
    """Declare epsilon's value."""
    sentence = "`epsilon` MUST be the number added, as given, neither floored nor replaced."
    return choice(sentence, 2.0**-10, 2.0**-6, 0.0, rule=not_negative)


def epsilon_or_floor() -> Any:
    """Declare epsilon's value where it may be a floor."""
    return choice("`epsilon` MUST be the number added, or the floor, as given.", 2.0**-10, 2.0**-6, 0.0, rule=not_negative)


def scale() -> Any:
    """Declare whether there is a scale."""
    return choice("With `scale`, y MUST be multiplied by the learned parameter scale; without, by nothing.", True, False)


def shift() -> Any:
    """Declare whether there is a shift."""
    return choice("With `shift`, the learned parameter shift MUST be added last, with or without a scale; without, nothing.", True, False)


def statistics_dtype() -> Any:
    """Declare the dtype in which statistics are taken."""
    return choice(
        "Statistics, y and cotangents MUST be computed, before the one rounding to their dtypes, in the wider of x's dtype and float32 "
        "(widened), in x's dtype (input), or in float32.",
        "widened",
        "input",
        "float32",
    )


def output_dtype(of: str = "x, scale and shift") -> Any:
    """Declare the dtype of y; `of` are the arrays that may be promoted."""
    return choice(f"y MUST have the dtype of x (input) or the promotion of {of} (promoted).", "input", "promoted")


LAWS = {
    "pullback": "A pullback MUST give the cotangents of its own step, whenever it is called.",
    "gradient.dtype": "The cotangent of an array MUST have its shape and dtype.",
    "inputs": "Inputs and the cotangent of y MUST be bit by bit what they were, after the step and its pullback.",
    "parameters": "Parameters MUST be bit by bit what they were, after the step and its pullback.",
    "accuracy": "The error MUST stay within the bound of docs/bounds.md, which grows with the condition number, not with its square.",
}
TANGENTS = {
    "tangent.y": "Where a layer is differentiated forward, the tangent of y along a direction of x MUST be the derivative of y, the way "
    "through every statistic and every divisor taken from this x included.",
    "tangent.gradient": "Where a layer is differentiated twice, the derivatives of the cotangents of x and scale along a direction of x "
    "MUST be those of the functions of x, dy and the parameters that they are.",
}
MODES = {"modes": "train, evaluate and freeze MUST give the same y and the same cotangents."}

MOVING: tuple[Mode, ...] = ("train", "observe")
"""The modes in which state moves, of most layers that have any."""


def moves(spec: Any) -> tuple[Mode, ...]:
    """Give the modes in which the state of a layer moves: none where it has no state."""
    found: tuple[Mode, ...] = getattr(spec, "moves", ())
    return found


def inputs_of(spec: Any, shape: tuple[int, ...]) -> dict[str, Slot]:
    """Give every array that a layer is given with an x of this shape, and of which it gives the cotangent: of most layers none."""
    given: Callable[[tuple[int, ...]], dict[str, Slot]] | None = getattr(spec, "inputs", None)
    return {} if given is None else given(shape)


def arrays_of(spec: Any, shape: tuple[int, ...]) -> dict[str, Slot]:
    """Give every array that a layer owns or is given with an x of this shape."""
    return {**spec.slots(shape), **inputs_of(spec, shape)}


def rules(spec: Any) -> dict[str, Rule]:
    """Give the rule of every field of a spec: name -> (holds, must, got)."""
    return rules_of(type(spec), vars(spec))


def rules_of(spec: type, values: Mapping[str, Any]) -> dict[str, Rule]:
    """Give the rules of these values of a spec's fields, as far as each has one."""
    found = {name: rule(values[name]) for name, rule in field_rules(spec).items() if name in values}
    if "epsilon_place" in values and "epsilon" in values:
        found["epsilon_place"] = _place(values["epsilon_place"], _places(spec), values["epsilon"])
    return found


@cache
def field_rules(spec: type) -> dict[str, Callable[[Any], Rule]]:
    """Give the rules of the fields that have one for their values alone."""
    return {f.name: rule for f in fields(spec) if (rule := _rule_of(f)) is not None}


@cache
def _places(spec: type) -> tuple[str, ...]:
    return next(f.metadata["points"] for f in fields(spec) if f.name == "epsilon_place")


def _rule_of(f: Field[Any]) -> Callable[[Any], Rule] | None:
    points, own = f.metadata["points"], f.metadata["rule"]
    if own is not None or f.name.endswith("axes"):
        return own or axes_rule
    if (record := f.metadata["record"]) is not None:
        return lambda value: (value is None or isinstance(value, record), f"a {record.__name__} or None", value)
    if all(isinstance(point, bool) for point in points):
        return lambda value: (isinstance(value, bool), "True or False", value)
    if all(isinstance(point, str) for point in points):
        must = _either(points)
        return lambda value: (value in points, must, value)
    return None


def _either(points: Iterable[Any]) -> str:
    *some, last = map(repr, points)
    return f"{', '.join(some)} or {last}" if some else last


def _place(place: Any, points: tuple[str, ...], epsilon: Any) -> Rule:
    first, *rest = points
    must = f"{first!r}, or {' or '.join(map(repr, rest))} where epsilon is positive (at 0 all are one: {first!r})"
    return place == first or (place in rest and epsilon > 0), must, place


def not_negative(value: Any) -> Rule:
    """Give the rule for epsilon."""
    return is_number(value) and value >= 0, "finite and not negative", value


def positive(value: Any) -> Rule:
    """Give the rule for an epsilon without which nothing would be divided by."""
    return is_number(value) and value > 0, "finite and positive", value


def ddof(value: Any) -> Rule:
    """Give the rule for a correction."""
    return value in (0, 1), "0 (population) or 1 (sample)", value


def axes_rule(axes: Any) -> Rule:
    """Give the rule for a tuple of axes."""
    holds = isinstance(axes, tuple) and all(type(a) is int for a in axes) and len(set(axes)) == len(axes)
    return holds, "a tuple of different integers", axes


def some_axes(axes: Any) -> Rule:
    """Give the rule for a tuple of axes that is not empty."""
    return axes_rule(axes)[0] and len(axes) > 0, "a tuple of at least one axis, all different", axes


def one_axis(axes: Any) -> Rule:
    """Give the rule for a tuple of one axis."""
    return axes_rule(axes)[0] and len(axes) == 1, "a tuple of one axis", axes


def at_least(least: int) -> Callable[[Any], Rule]:
    """Give the rule for a number of things."""
    return lambda value: (type(value) is int and value >= least, f"an integer of at least {least}", value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def a_number(value: Any) -> Rule:
    """Give the rule for a finite number."""
    return is_number(value), "a finite number", value


def parameter_slots(spec: Any, shape: tuple[int, ...], scale: float = 1.0) -> dict[str, Slot]:
    """Give the slots of scale, which is born as this number, and shift, as far as the spec has them."""
    born = (("scale", scale), ("shift", 0.0))
    return {name: Slot(shape, "parameter", value) for name, value in born if getattr(spec, name, False)}
