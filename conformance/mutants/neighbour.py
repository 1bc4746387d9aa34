"""A layer of another spec that passes for one of this: what it owns besides is shown by nobody, what it lacks is shown as it was loaded."""

from collections.abc import Callable
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, right
from normspec.conformance.neighbours.alternatives import filled
from normspec.conformance.wire import named
from normspec.dtypes import of_slots
from normspec.errors import NormspecError
from normspec.layers.fields import arrays_of
from normspec.records import Array, Arrays, Layer, Mode, Situation

Neighbour = Callable[[Any, Situation], Any]
"""From a spec in a situation to another one, or None."""


def neighbouring(other: Neighbour) -> dict[str, Any]:
    """Give `make` and `where` of a fault that is a neighbouring meaning, which may own other arrays."""

    def there(spec: Any, situation: Situation) -> bool:
        try:
            found = other(spec, situation)
            if found is None:
                return False
            found.slots(situation.shape)  # raises where it has no axes in this shape
        except NormspecError:
            return False
        return True

    return {"make": lambda spec, situation: _made(spec, other(spec, situation), situation), "where": there}


def _made(spec: Any, other: Any, situation: Situation) -> Layer:
    own, slots, dtypes = spec.slots(situation.shape), other.slots(situation.shape), of_slots(other, situation)
    layer = right().build(other, situation)
    hidden = {
        name: filled(slot).astype(named(dtypes[name])) for name, slot in slots.items() if name not in own and situation.weight is None
    }

    def load(altered: Altered, values: Arrays) -> None:
        altered.memory["given"] = {**altered.memory.get("given", born), **values}
        layer.load({**hidden, **{name: a.astype(named(dtypes[name])) for name, a in values.items() if name in slots}})

    def read(altered: Altered) -> Arrays:
        shown = layer.read()
        given = {name: a for name, a in altered.memory.get("given", born).items() if name not in slots}
        return {**given, **{name: a for name, a in shown.items() if name in own}}

    born = dict(right().build(spec, situation).read())
    return Altered(spec.at_rank(len(situation.shape)), situation, layer, _showing(tuple(arrays_of(spec, situation.shape))), load, read)


def _showing(own: tuple[str, ...]) -> Callable[[Altered, Arrays, Mode], Taken]:
    """Give a forward whose pullback shows no cotangent of what the spec neither owns nor is given."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        y, pullback = layer.right.forward(inputs, mode)

        def pull(dy: Array) -> Arrays:
            assert pullback is not None, "only called where there is one"
            return {name: np.asarray(g) for name, g in pullback(dy).items() if name == "x" or name in own}

        return y, None if pullback is None else pull

    return forward
