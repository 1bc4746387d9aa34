"""Wrong layers made from the right one, by another forward, load or read in place of its own; `memory` is the fault's own state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from normspec.conformance.mutants.record import Make
from normspec.errors import NormspecError
from normspec.layers.fields import moves
from normspec.load import load
from normspec.normal import normal
from normspec.records import Array, Arrays, Implementation, Layer, Mode, Pullback, Situation

Taken = tuple[Array, Pullback | None]


@cache
def right() -> Implementation:
    """Give the implementation whose layers are altered."""
    return load("reference:numpy")


@dataclass
class Altered:
    """The right layer but for what is replaced."""

    spec: Any
    situation: Situation
    right: Layer
    on_forward: Callable[["Altered", Arrays, Mode], Taken]
    on_load: Callable[["Altered", Arrays], None]
    on_read: Callable[["Altered"], Arrays]
    memory: dict[str, Any] = field(default_factory=dict)

    def load(self, values: Arrays) -> None:
        """Take parameters and state."""
        self.on_load(self, values)

    def forward(self, inputs: Arrays, mode: Mode) -> Taken:
        """Take a step."""
        return self.on_forward(self, inputs, mode)

    def read(self) -> Arrays:
        """Give parameters and state."""
        return self.on_read(self)

    def owned(self, *roles: str) -> dict[str, Array]:
        """Give what the right layer holds in these roles: parameter, state, count."""
        slots = self.spec.slots(self.situation.shape)
        return {name: a for name, a in self.right.read().items() if name in slots and slots[name].role in roles}


def _forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    return layer.right.forward(inputs, mode)


def _load(layer: Altered, values: Arrays) -> None:
    layer.right.load(values)


def _read(layer: Altered) -> Arrays:
    return layer.right.read()


def altered(
    forward: Callable[[Altered, Arrays, Mode], Taken] = _forward,
    load: Callable[[Altered, Arrays], None] = _load,
    read: Callable[[Altered], Arrays] = _read,
) -> Make:
    """Give what makes the right layer with some of its methods replaced."""

    def make(spec: Any, situation: Situation) -> Layer:
        made = right().build(spec, situation)
        return Altered(spec.at_rank(len(situation.shape)), situation, made, forward, load, read)

    return make


def giving(change: Callable[[Altered, Arrays, Array], Array]) -> Make:
    """Give what makes a layer whose y is changed, and of y's own dtype still; its pullback is right."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        y, pullback = layer.right.forward(inputs, mode)
        return (None if y is None else change(layer, inputs, y).astype(y.dtype)), pullback

    return altered(forward)


def taking(change: Callable[[Altered, Arrays], Arrays]) -> Make:
    """Give what makes a layer that takes other inputs than those given."""
    return altered(lambda layer, inputs, mode: layer.right.forward({**inputs, **change(layer, inputs)}, mode))


def pulling(change: Callable[[Altered, Arrays, Array, Mapping[str, Array]], Mapping[str, Array]]) -> Make:
    """Give what makes a layer whose cotangents are changed, each of its own dtype still. `change` gets layer, inputs, dy, cotangents."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        y, pullback = layer.right.forward(inputs, mode)

        def pull(dy: Array) -> Arrays:
            assert pullback is not None, "only called where there is one"
            found = pullback(dy)
            new = change(layer, inputs, dy, found)
            return {**found, **{name: np.asarray(a).astype(found[name].dtype) for name, a in new.items()}}

        return y, None if pullback is None else pull

    return altered(forward)


def told_dy(change: Callable[[Altered, Arrays, Array], Array], *of: str) -> Make:
    """Give what makes a layer whose pullback is called with another dy, for the cotangents `of`, or all."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        y, pullback = layer.right.forward(inputs, mode)

        def pull(dy: Array) -> Arrays:
            assert pullback is not None, "only called where there is one"
            wrong = pullback(change(layer, inputs, dy).astype(dy.dtype))
            return {**pullback(dy), **{name: a for name, a in wrong.items() if not of or name in of}}

        return y, None if pullback is None else pull

    return altered(forward)


def moving(change: Callable[[Altered, Arrays, Arrays, Arrays], Arrays]) -> Make:
    """Give what makes a layer whose state is changed after the steps that move it. `change` gets layer, inputs, before, after."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        before = layer.owned("state", "count")
        taken = layer.right.forward(inputs, mode)
        if mode in moves(layer.spec):
            after = layer.owned("state", "count")
            new = change(layer, inputs, before, after)
            layer.right.load({name: np.asarray(a).astype(after[name].dtype) for name, a in new.items()})
        return taken

    return altered(forward)


def computing_with(change: Callable[[Altered, Arrays], Arrays]) -> Make:
    """Give what makes a layer that computes with other values than those that it was given, and shows those."""

    def load(layer: Altered, values: Arrays) -> None:
        shown = layer.memory["given"] = {**layer.memory.get("given", {}), **values}
        layer.right.load({name: a.astype(shown[name].dtype) for name, a in change(layer, shown).items()} if values else values)

    def read(layer: Altered) -> Arrays:
        given, state = layer.memory.get("given", {}), layer.owned("state", "count")
        return {**layer.right.read(), **{name: a for name, a in given.items() if name not in state}}

    return altered(load=load, read=read)


def another(change: Callable[[Any, tuple[int, ...]], Any]) -> dict[str, Any]:
    """Give `make` and `where` of a fault that is another meaning: `change` gives it from a spec and the shape of x, or None."""

    def there(spec: Any, situation: Situation) -> bool:
        try:
            other = change(spec, situation.shape)
            same_slots = other is not None and other.slots(situation.shape).keys() == spec.slots(situation.shape).keys()
            return same_slots and normal(other, situation) != normal(spec, situation)
        except NormspecError:
            return False

    def make(spec: Any, situation: Situation) -> Layer:
        return right().build(change(spec, situation.shape), situation)

    return {"make": make, "where": there}
