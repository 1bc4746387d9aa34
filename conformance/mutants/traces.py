"""Faults of what befalls a layer between its steps: saved, loaded again, reset, or beside another of its kind."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered
from normspec.conformance.mutants.record import mutant
from normspec.layers.fields import moves
from normspec.records import Arrays, Mode, Situation

SHARED: dict[Any, dict[str, Any]] = {}
"""The state of all layers of a spec in a shape, as a fault has it.

It lasts as long as the process, but no case meets what another left: a case loads its layer before the first step, and loading writes it.
"""


def _shared(layer: Altered) -> dict[str, Any]:
    return SHARED.setdefault((layer.spec, layer.situation.shape, layer.situation.dtype), {})


def _of_all(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    layer.right.load(_shared(layer))
    taken = layer.right.forward(inputs, mode)
    _shared(layer).update(layer.owned("state", "count"))
    return taken


def _loading_all(layer: Altered, values: Arrays) -> None:
    layer.right.load(values)
    _shared(layer).update(layer.owned("state", "count"))


def _in_place(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    own = layer.memory.get("own", {})
    layer.right.load(own)
    taken = layer.right.forward(inputs, mode)
    for name, moved in layer.owned("state", "count").items() if mode in moves(layer.spec) else ():
        if name in own:
            own[name][...] = moved
    return taken


def _kept_as_given(layer: Altered, values: Arrays) -> None:
    layer.right.load(values)
    slots = layer.spec.slots(layer.situation.shape)
    layer.memory["own"] = {name: a for name, a in values.items() if name in slots and slots[name].role != "parameter"}


def _own(layer: Altered) -> Arrays:
    return {**layer.right.read(), **layer.memory.get("own", {})}


def _marking(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    layer.memory["trained"] = layer.memory.get("trained", False) or mode in moves(layer.spec)
    return layer.right.forward(inputs, mode)


def _without(*roles: str) -> Any:
    def load(layer: Altered, values: Arrays) -> None:
        slots = layer.spec.slots(layer.situation.shape)
        lost = layer.memory.get("trained", False)
        layer.right.load({name: a for name, a in values.items() if not (lost and slots[name].role in roles)})

    return load


def _frozen_for_ever(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    layer.memory["frozen"] = layer.memory.get("frozen", False) or mode == "freeze"
    state = layer.owned("state", "count")
    taken = layer.right.forward(inputs, mode)
    if layer.memory["frozen"]:
        layer.right.load({name: np.array(a) for name, a in state.items()})
    return taken


def _keeps(spec: Any, situation: Situation) -> bool:
    running = getattr(spec, "running", None)
    still = running is not None and running.start == "initial" and running.rate == 0
    return not still and any(slot.role == "state" for slot in spec.slots(situation.shape).values())


def _counts(spec: Any, situation: Situation) -> bool:
    return "count" in spec.slots(situation.shape)


MUTANTS = (
    mutant("state-of-the-class", "all layers alike have one state", "update", make=altered(_of_all, _loading_all), where=_keeps),
    mutant(
        "loaded-arrays-are-kept",
        "what is loaded is kept, not copied, and moved in place, so that two layers move it",
        "update",
        make=altered(_in_place, _kept_as_given, _own),
        where=_keeps,
    ),
    mutant(
        "state-is-loaded-once",
        "once it has trained, a layer takes no state any more",
        "update",
        make=altered(_marking, _without("state", "count")),
        where=_keeps,
    ),
    mutant(
        "count-is-loaded-once",
        "once it has trained, a layer takes no count any more",
        "count",
        make=altered(_marking, _without("count")),
        where=_counts,
    ),
    mutant("frozen-for-ever", "after a freeze no step moves the state", "update", make=altered(_frozen_for_ever), where=_keeps),
)
"""Faults of what lasts from step to step."""
