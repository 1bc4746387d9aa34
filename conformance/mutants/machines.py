"""Faults of the state machine: which steps move the state, how often, by what, and what evaluation makes of it."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, moving
from normspec.conformance.mutants.record import mutant
from normspec.layers.fields import moves
from normspec.records import Array, Arrays, Mode, Situation


def _twice(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    taken = layer.right.forward(inputs, mode)
    if mode in moves(layer.spec):
        layer.right.forward(inputs, "observe")
    return taken


def _again_in_pullback(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)

    def pull(dy: Array) -> Arrays:
        assert pullback is not None, "only called where there is one"
        layer.right.forward(inputs, "observe")
        return pullback(dy)

    return y, pull if pullback is not None and mode in moves(layer.spec) else pullback


def _in_evaluation(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if mode not in (*moves(layer.spec), "observe"):
        layer.right.forward(inputs, "observe")
    return layer.right.forward(inputs, mode)


def _from_what_was_loaded(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if mode in moves(layer.spec):
        layer.right.load(layer.memory.get("given", {}))
    return layer.right.forward(inputs, mode)


def _remembering(layer: Altered, values: Arrays) -> None:
    slots = layer.spec.slots(layer.situation.shape)
    layer.memory["given"] = {name: np.array(a) for name, a in values.items() if slots[name].role != "parameter"}
    layer.right.load(values)


def _stays(layer: Altered, inputs: Arrays, before: Arrays, after: Arrays) -> Arrays:
    del layer, inputs, after
    return before


def _damaged_by_pullback(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)

    def pull(dy: Array) -> Arrays:
        assert pullback is not None, "only called where there is one"
        found = pullback(dy)
        layer.right.load({name: (a.astype(np.float64) * 1.5 + 1).astype(a.dtype) for name, a in layer.owned("state").items()})
        return found

    return y, None if pullback is None else pull


def _observing_without_count(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    count = layer.owned("count")
    taken = layer.right.forward(inputs, mode)
    if mode == "observe":
        layer.right.load(count)
    return taken


def _inverse_deviation(_: Altered, inputs: Arrays, before: Arrays, after: Arrays) -> Arrays:
    del inputs, before
    return {n: 1 / np.sqrt(np.abs(a.astype(np.float64)) + 1e-5) if n.endswith("variance") else a for n, a in after.items()}


def _keeps(spec: Any, situation: Situation) -> bool:
    """Tell whether a layer has state in this situation."""
    return any(slot.role == "state" for slot in spec.slots(situation.shape).values())


def _moves(spec: Any, situation: Situation) -> bool:
    running = getattr(spec, "running", None)
    return _keeps(spec, situation) and not (running is not None and running.start == "initial" and running.rate == 0)


def _trains(spec: Any, situation: Situation) -> bool:
    return _moves(spec, situation) and "train" in moves(spec)


MUTANTS = (
    mutant("pullback-damages-state", "the pullback leaves another state", "keep", make=altered(_damaged_by_pullback), where=_keeps),
    mutant(
        "observe-does-not-count",
        "an observation without an output is not counted",
        "count",
        make=altered(_observing_without_count),
        where=lambda spec, at: "count" in spec.slots(at.shape),
    ),
    mutant("updated-twice", "a step moves the state twice", "update", "google/flax#1254", make=altered(_twice), where=_moves),
    mutant(
        "recompute-updates",
        "the pullback runs the step again",
        "update",
        "pytorch/pytorch#96136",
        make=altered(_again_in_pullback),
        where=_trains,
        layers=("batch_norm", "instance_norm", "spectral_norm"),
    ),
    mutant(
        "never-updated",
        "no step moves the state",
        "update",
        "paiml/aprender#2166",
        make=moving(_stays),
        where=_moves,
    ),
    mutant(
        "second-call-starts-from-what-was-loaded",
        "every step starts from the state that was loaded, so that one layer called twice moves it once",
        "update",
        "google/flax#1254",
        make=altered(_from_what_was_loaded, _remembering),
        where=_moves,
    ),
    mutant("evaluation-updates", "evaluate and freeze move the state", "keep", "pytorch/pytorch#37823", make=altered(_in_evaluation)),
    mutant(
        "inverse-deviation-kept",
        "what is kept as variance is 1 / deviation",
        "update",
        "Lasagne/Lasagne#467",
        make=moving(_inverse_deviation),
        where=_moves,
        layers=("batch_norm", "instance_norm"),
    ),
)
"""Faults of when the state moves."""
