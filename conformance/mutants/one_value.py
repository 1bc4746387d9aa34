"""Faults where a statistic is over one value."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, another, giving, right
from normspec.conformance.mutants.record import mutant
from normspec.errors import Refused
from normspec.layers.fields import arrays_of, moves
from normspec.records import Array, Arrays, Mode, Situation

WIDE = np.float64


def _one_value(spec: Any, at: Situation) -> bool:
    return bool(spec.geometry(at.shape).n == 1)


def _running_no_number(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    taken = layer.right.forward(inputs, mode)
    if mode in moves(layer.spec) and layer.spec.geometry(inputs["x"].shape).n == 1:
        layer.right.load({n: np.full_like(a, np.nan) for n, a in layer.owned("state").items() if n == "running_variance"})
    return taken


def _moved_when_refused(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    try:
        return layer.right.forward(inputs, mode)
    except Refused:
        state = layer.owned("state")
        layer.right.load({n: (a.astype(WIDE) / 2 + 1).astype(a.dtype) for n, a in state.items()})
        raise


def _counted_when_refused(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    try:
        return layer.right.forward(inputs, mode)
    except Refused:
        layer.right.load({n: a + 1 for n, a in layer.owned("count").items()})
        raise


def _refused_in_pullback(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    try:
        return layer.right.forward(inputs, mode)
    except Refused as error:
        reason = error

    def pull(_: Array) -> Arrays:
        raise reason

    return inputs["x"] * inputs["x"].dtype.type(np.nan), pull


def _refused_in_training_alone(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if mode == "train" or layer.spec.one_value != "refuse":
        return layer.right.forward(inputs, mode)
    shown = right().build(replace(layer.spec, one_value="shift"), layer.situation)
    shown.load(layer.right.read())
    return shown.forward(inputs, mode)


def _of_flat(change: Callable[[Altered, Array, Array], Array]) -> Callable[[Altered, Arrays, Array], Array]:
    """Give a change of y where the values of a statistic are all alike: `change` gets layer, y, and where that is."""

    def changed(layer: Altered, inputs: Arrays, y: Array) -> Array:
        at = layer.spec.geometry(y.shape)
        x = inputs["x"].astype(WIDE).reshape(at.view)
        flat = (x.max(axis=at.axes, keepdims=True) == x.min(axis=at.axes, keepdims=True)) if x.size else np.zeros_like(x, bool)
        return change(layer, y, np.broadcast_to(flat, at.view).reshape(y.shape))

    return changed


def _observed_one(spec: Any, at: Situation) -> bool:
    running = getattr(spec, "running", None)
    return _one_value(spec, at) and running is not None and running.correction == 1 and getattr(spec, "one_value", "") == "shift"


def _refusing(spec: Any, at: Situation) -> bool:
    return _one_value(spec, at) and getattr(spec, "one_value", "shift") == "refuse"


def _stateful(spec: Any, at: Situation) -> bool:
    return any(slot.role == "state" for slot in spec.slots(at.shape).values())


def _other_policy(spec: Any, shape: tuple[int, ...]) -> Any:
    there = getattr(spec, "one_value", None) is not None and spec.geometry(shape).n == 1
    return replace(spec, one_value="shift" if spec.one_value == "refuse" else "refuse") if there else None


MUTANTS = (
    mutant(
        "other-policy-of-one-value",
        "one value is refused where shift must be given, or the other way",
        "one_value",
        "fastai/fastai#1352",
        **another(_other_policy),
    ),
    mutant(
        "one-value-running-no-number",
        "the running variance of one value is no number",
        "running.correction",
        "tensorflow/tensorflow#34062",
        where=_observed_one,
        make=altered(_running_no_number),
    ),
    mutant(
        "refusal-moves-state",
        "a step moves the state before it refuses",
        "refusal",
        where=lambda s, at: _refusing(s, at) and _stateful(s, at),
        make=altered(_moved_when_refused),
    ),
    mutant(
        "refusal-counts",
        "a refused step is counted",
        "refusal",
        where=lambda s, at: _refusing(s, at) and "count" in s.slots(at.shape),
        make=altered(_counted_when_refused),
    ),
    mutant(
        "refused-in-pullback",
        "one value is refused in the pullback alone",
        "one_value",
        where=_refusing,
        make=altered(_refused_in_pullback),
    ),
    mutant(
        "refused-in-training-alone",
        "one value is refused in training alone",
        "one_value",
        layers=("batch_norm", "layer_norm", "instance_norm", "group_norm"),
        where=lambda s, at: _refusing(s, at) and getattr(s, "running", None) is None,
        make=altered(_refused_in_training_alone),
    ),
    mutant(
        "instance-of-one-zero",
        "instances of one value are all 0",
        "one_value",
        "pytorch/pytorch#11991",
        where=lambda s, at: _one_value(s, at) and s.one_value == "shift" and {"shift", "style"} & arrays_of(s, at.shape).keys() != set(),
        make=giving(_of_flat(lambda _, y, flat: np.where(flat, 0, y.astype(WIDE)))),
    ),
)
"""Faults of one value."""
