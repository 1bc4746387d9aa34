"""Keras layers on JAX: `stateless_call`, compiled once for each arguments, policy, shape and mode."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from normspec.backends.keras_library import Library
from normspec.backends.keras_wrapped import Unborn, around_kernel
from normspec.backends.made import Made, in_mode, made
from normspec.backends.pure import Apply, Pure, Step, compiled
from normspec.dialects.entry import Entry
from normspec.records import Array, Arrays, Mode, Situation

MOST = 4096
"""Layers with their compiled steps kept."""


@dataclass(frozen=True)
class Arguments:
    """Arguments, known by how they are written, for not all of them can be hashed."""

    written: str
    told: dict[str, Any] = field(compare=False)


@lru_cache(maxsize=MOST)
def _kept(make: Any, entry: Entry, arguments: Arguments, situation: Situation) -> tuple[Made, Step]:
    layer = made(make, entry, arguments.told, situation)
    train = _in_mode(layer, "train")
    if not layer.trains:
        return layer, compiled(train, train)
    return layer, compiled(train, _in_mode(layer, "evaluate"), _in_mode(layer, "freeze"))


def _in_mode(made_: Made, mode: Mode) -> Apply:
    layer, owned = made_.layer, made_.owned

    def apply(parameters: Arrays, state: Arrays, x: Array, **rest: Array) -> tuple[Array, Arrays]:
        values = {owned[name].path: a for name, a in {**parameters, **state}.items()}
        with in_mode(layer, mode):
            fixed = [v.path for v in layer.non_trainable_variables]
            given = [values[v.path] for v in layer.trainable_variables], [values[path] for path in fixed]
            y, after = layer.stateless_call(*given, x, **made_.told(rest, mode))
        moved = dict(zip(fixed, after, strict=True))
        return y, {name: moved[owned[name].path] for name in state}

    return apply


def build(make: Any, entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> Pure:
    """Build a layer, born as its constructor gives it."""
    layer, step = _kept(make, entry, Arguments(repr(arguments), arguments), situation)
    values = {name: variable.value for name, variable in layer.owned.items()}
    slots = spec.slots(situation.shape)
    state = {name: a for name, a in values.items() if slots[name].role == "state"}
    parameters = {name: a for name, a in values.items() if name not in state}
    return Pure(step, parameters, state, spec, situation)


@lru_cache(maxsize=MOST)
def _wrapper(library: Library, make: Any, entry: Entry, arguments: Arguments, situation: Situation) -> tuple[Any, Step]:
    layer = around_kernel(library, make, arguments.told, situation)

    def in_training(mode: Mode) -> Apply:
        training = "training=True" in entry.modes[mode]

        def apply(_: Arrays, state: Arrays, x: Array) -> tuple[Array, Arrays]:
            y, (u,) = layer.stateless_call([x], [state["u"]], x, training=training)  # the kernel is all that can be trained
            return y, {"u": u}

        return apply

    return layer, compiled(in_training("train"), in_training("evaluate"), in_training("freeze"))


def wrapped(library: Library, make: Any, entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> Unborn:
    """Build a wrapper around a kernel, whose place x takes."""
    layer, step = _wrapper(library, make, entry, Arguments(repr(arguments), arguments), situation)
    return Unborn(Pure(step, {}, {"u": layer.vector_u.value}, spec, situation))
