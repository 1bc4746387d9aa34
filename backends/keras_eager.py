"""Layers of Keras, 3 and 2, that run at once and keep their variables themselves."""

from collections.abc import Callable
from functools import partial
from typing import Any

from normspec.backends.keras_adapted import of_moments
from normspec.backends.keras_library import Differentiated, Library
from normspec.backends.keras_wrapped import wrapped
from normspec.backends.made import in_mode, made
from normspec.dialects.entry import Entry
from normspec.records import Array, Arrays, Layer, Mode, Pullback, Situation

PARAMETERS = ("scale", "shift")


class Eager:
    """Drives a layer. Along several axes the variables of some have all of x's axes, ours these alone."""

    def __init__(
        self,
        library: Library,
        differentiated: Differentiated,
        make: Callable[..., Any],
        entry: Entry,
        arguments: dict[str, Any],
        spec: Any,
        situation: Situation,
    ) -> None:
        self.library, self.differentiated = library, differentiated
        self.made = made(make, entry, arguments, situation)
        self.shapes = {name: slot.shape for name, slot in spec.slots(situation.shape).items()}

    def load(self, values: Arrays) -> None:
        """Assign to the variables."""
        for name, value in values.items():
            self.made.owned[name].assign(self.library.reshape(value, self.made.owned[name].shape))

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Call the layer."""
        parameters = {name: self.library.value(variable) for name, variable in self.made.owned.items() if name in PARAMETERS}
        with in_mode(self.made.layer, mode):
            y, pullback = self.differentiated(partial(self.made.layer, **self.made.told(inputs, mode)), inputs["x"], parameters)
        return y, pullback and (lambda dy: self._shaped(pullback(dy)))

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the layer along a direction of x."""
        scale = {name: self.library.value(variable) for name, variable in self.made.owned.items() if name == "scale"}
        with in_mode(self.made.layer, mode):
            call = partial(self.made.layer, **self.made.told(inputs, mode))
            return self._shaped(self.library.tangents(call, inputs["x"], scale, dy, direction))

    def read(self) -> Arrays:
        """Give the variables' values."""
        return self._shaped({name: self.library.copy(self.library.value(variable)) for name, variable in self.made.owned.items()})

    def _shaped(self, arrays: Arrays) -> Arrays:
        return {name: self.library.reshape(a, self.shapes[name]) if name in self.shapes else a for name, a in arrays.items()}


def drives(library: Library, differentiated: Differentiated) -> dict[str, Callable[..., Layer]]:
    """Give what drives the layers of a library: by the layer's stem where that is no matter of calling it with x, and else by ""."""
    each: dict[str, Callable[..., Layer]] = {"": Eager, "feature_norm": of_moments, "spectral_norm": wrapped}
    return {layer: partial(drive, library, differentiated) for layer, drive in each.items()}
