"""Layers of Keras, 3 and 2, whose moments are given to them, or observed beforehand."""

from collections.abc import Callable, Sequence
from typing import Any

from normspec.backends.keras_library import Differentiated, Library
from normspec.backends.made import built
from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Mode, Pullback, Situation

WEIGHTS = {"mean": "adapt_mean", "variance": "adapt_variance", "count": "count"}
"""The attributes that are the weights; those of the weights' own names are constants that `finalize_state` makes of them."""


class Adapted:
    """Drives a layer that observes."""

    def __init__(self, library: Library, differentiated: Differentiated, layer: Any) -> None:
        self.library, self.differentiated, self.layer = library, differentiated, layer
        self.owned = {ours: getattr(layer, theirs) for ours, theirs in WEIGHTS.items()}
        self.batches: list[Array] = []

    def load(self, values: Arrays) -> None:
        """Assign to the weights, as if nothing else had been observed."""
        for name, value in values.items():
            self.owned[name].assign(value)
        self.layer.finalize_state()
        self.batches = []

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Call the layer, or let it observe."""
        if mode != "observe":
            return self.differentiated(self.layer, inputs["x"], {})
        self.batches.append(inputs["x"])
        self.library.observe(self.layer, self.batches)
        return None, None

    def read(self) -> Arrays:
        """Give the weights' values."""
        return {name: self.library.copy(self.library.value(variable)) for name, variable in self.owned.items()}


class Given:
    """Drives a layer to which moments are given when it is made: it is made anew with each load."""

    def __init__(self, differentiated: Differentiated, make: Callable[[Arrays], Any]) -> None:
        self.differentiated, self.make = differentiated, make
        self.values: Arrays = {}

    def load(self, values: Arrays) -> None:
        """Make a layer of these moments."""
        self.values, self.layer = dict(values), self.make(values)

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Call the layer."""
        if mode == "observe":
            raise Unsupported("a layer whose mean and variance are given observes nothing")
        return self.differentiated(self.layer, inputs["x"], {})

    def read(self) -> Arrays:
        """Give what was given."""
        if not self.values:
            raise Unsupported("mean and variance are given when the layer is made: it has none before")
        return dict(self.values)


def of_moments(
    library: Library,
    differentiated: Differentiated,
    make: Callable[..., Any],
    _: Entry,
    arguments: dict[str, Any],
    spec: Any,
    situation: Situation,
) -> Adapted | Given:
    """Build what drives a layer of moments; names stand in its arguments for the moments that are to be given."""
    if spec.observes:
        return Adapted(library, differentiated, built(make, arguments, situation))
    return Given(differentiated, lambda values: built(make, {**arguments, **values}, situation))


def adapt(layer: Any, batches: Sequence[Array]) -> None:
    """Let a layer of Keras 3 observe: `adapt()` begins anew each time, and so is given every batch.

    Raises
    ------
    Unsupported
        Where the moments loaded are of values that are not there to be given.
    """
    if int(layer.count):
        raise Unsupported("adapt() begins anew: it cannot go on from a mean and a variance of values observed before")
    layer.adapt(batches[0] if len(batches) == 1 else list(batches))


def accumulate(layer: Any, batches: Sequence[Array]) -> None:
    """Let a layer of Keras 2 observe one more batch, as its `adapt()` does with each of several."""
    layer.update_state(batches[-1])
    layer.finalize_state()
