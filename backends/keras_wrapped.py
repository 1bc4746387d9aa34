"""Wrappers of Keras, 3 and 2, that put what they make of a layer's kernel in the kernel's place: x takes it before each call."""

from collections.abc import Callable
from typing import Any

from normspec.backends.keras_library import Differentiated, Library
from normspec.backends.made import built
from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import policy
from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Layer, Mode, Pullback, Situation


def around_kernel(library: Library, make: Callable[..., Any], arguments: dict[str, Any], situation: Situation) -> Any:
    """Build a wrapper around a layer that has a kernel of x's shape and gives it for y, whatever it is called with.

    Raises
    ------
    Unsupported
        Where weights of several shapes are to be taken, for a kernel has one.
    """
    if situation.later:
        raise Unsupported(f"a kernel is made with one shape: it cannot have {situation.shape} and then {situation.later[0]}")

    class Holder(library.layer):  # type: ignore[misc, name-defined]  # it is the base class of Keras 3 or of Keras 2
        def build(self, _: Any) -> None:
            self.kernel = self.add_weight(name="kernel", shape=situation.shape, initializer="zeros")

        def call(self, inputs: Array) -> Array:
            del inputs
            return library.copy(self.kernel)

    return built(make, {"layer": Holder(dtype=policy(situation)), **arguments}, situation)


class Wrapped:
    """Drives a wrapper. The cotangent of x is that of the kernel as it is used, which is no longer x where the wrapper has put another."""

    def __init__(self, library: Library, differentiated: Differentiated, entry: Entry, layer: Any) -> None:
        self.library, self.differentiated, self.entry, self.layer = library, differentiated, entry, layer

    def load(self, values: Arrays) -> None:
        """Assign to the vector."""
        self.layer.vector_u.assign(self.library.reshape(values["u"], self.layer.vector_u.shape))

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Put x in the kernel's place, and call the wrapper."""
        x, training = inputs["x"], "training=True" in self.entry.modes[mode]
        self.layer.kernel.assign(x)
        return self.differentiated(lambda _: self.layer(x, training=training), self.library.value(self.layer.kernel), {})

    def read(self) -> Arrays:
        """Give the vector's values."""
        return {"u": self.library.reshape(self.library.copy(self.library.value(self.layer.vector_u)), (-1,))}


class Unborn:
    """A layer that is born random, which is no matter of meaning: it shows nothing before the first load."""

    def __init__(self, layer: Layer) -> None:
        self.layer, self.loaded = layer, False

    def load(self, values: Arrays) -> None:
        """Take these values, if there are any: without, it stays as it is born."""
        if values:
            self.layer.load(values)
            self.loaded = True

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Take a step."""
        return self.layer.forward(inputs, mode)

    def read(self) -> Arrays:
        """Give what has been loaded, as it stands now."""
        return self.layer.read() if self.loaded else {}


def wrapped(
    library: Library,
    differentiated: Differentiated,
    make: Callable[..., Any],
    entry: Entry,
    arguments: dict[str, Any],
    _: Any,
    situation: Situation,
) -> Unborn:
    """Build what drives a wrapper."""
    return Unborn(Wrapped(library, differentiated, entry, around_kernel(library, make, arguments, situation)))
