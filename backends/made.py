"""Layers of Keras as they are built and called, 3 and 2: the same constructor arguments, names and modes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import as_tuple, policy
from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Mode, Situation


class Made(NamedTuple):
    """A layer that has been built, and its variables by our names."""

    entry: Entry
    layer: Any
    owned: dict[str, Any]

    @property
    def trains(self) -> bool:
        """Whether a call is told to train or not to."""
        return "training=" in self.entry.modes["train"]

    def told(self, inputs: Arrays, mode: Mode) -> dict[str, Any]:
        """Give what a call is told besides x, as the entry says: a frozen batch norm is told to train, which it does not."""
        training = {"training": "training=True" in self.entry.modes[mode]} if self.trains else {}
        if "mask" not in inputs:
            return training
        if self.entry.native not in MASKS:
            raise Unsupported(f"{self.entry.native} takes no mask")
        return {**training, "mask": MASKS[self.entry.native](self.layer, inputs["mask"])}


def _without_last(layer: Any, mask: Array) -> Array:
    """Give a mask without the last axis, along which it is the same.

    Raises
    ------
    Unsupported
        Where the channels lie elsewhere, or the layer is fused.
    """
    if as_tuple(layer.axis) not in ((-1,), (len(mask.shape) - 1,)) or getattr(layer, "fused", False):
        raise Unsupported("a mask is taken along all axes but the last, where that one is the channels' and the layer is not fused")
    return mask[..., 0]


def _as_it_is(_: Any, mask: Array) -> Array:
    return mask


MASKS: dict[str, Callable[[Any, Array], Array]] = {
    "keras.layers.BatchNormalization": _without_last,
    "tf_keras.layers.BatchNormalization": _without_last,
    "tf_keras.layers.GroupNormalization": _as_it_is,
}
"""How the layers that take a mask take it. Ours has all axes of x, of length 1 along those of the channels."""


def built(make: Callable[..., Any], arguments: dict[str, Any], situation: Situation) -> Any:
    """Build a layer for an x of this shape, in the dtypes of the situation."""
    layer = make(**arguments, dtype=policy(situation))
    layer.build(situation.shape)
    return layer


def made(make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], situation: Situation) -> Made:
    """Build the layer that an entry and its arguments name, and find its variables."""
    layer = built(make, arguments, situation)
    owned = {ours: getattr(layer, theirs) for ours, theirs in entry.names.items()}
    return Made(entry, layer, {name: variable for name, variable in owned.items() if variable is not None})


@contextmanager
def in_mode(layer: Any, mode: Mode) -> Iterator[None]:
    """Let a layer be trainable or, in the mode freeze, not; afterwards it is again."""
    layer.trainable = mode != "freeze"
    try:
        yield
    finally:
        layer.trainable = True
