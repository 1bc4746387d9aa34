"""Where the weight of a linear layer has its channels, and the one view of it that all layers have: groups, outputs, inputs, taps."""

from dataclasses import dataclass
from typing import Any, Literal

from normspec.clauses import require
from normspec.errors import InvalidInput
from normspec.layers.axes import resolve
from normspec.records import Array


@dataclass(frozen=True, kw_only=True)
class Channels:
    """The layout of a weight.

    `outputs` and `inputs` are two axes of it, and all others are those of the taps, of which a dense layer has none. In `groups`, the
    outputs of each are made of its own inputs alone: then one of the two axes goes `through` the channels of all groups, one group after
    another, and the other through those of a single one.
    """

    outputs: int
    inputs: int
    groups: int = 1
    through: Literal["outputs", "inputs"] = "outputs"

    def __post_init__(self) -> None:
        """Refuse what is no layout."""
        require(
            groups=(type(self.groups) is int and self.groups > 0, "a positive integer", self.groups),
            through=(self.through in ("outputs", "inputs"), "'outputs' or 'inputs'", self.through),
        )

    def view(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give a weight's shape with the groups as an axis of their own, and the axes of that in the order groups, outputs, inputs, taps.

        Raises
        ------
        InvalidInput
            Where a weight of this shape has not these axes, or not so many groups.
        """
        resolve((self.outputs, self.inputs), len(shape), "outputs and inputs")
        outputs, inputs = self.outputs % len(shape), self.inputs % len(shape)
        group = outputs if self.through == "outputs" else inputs
        if shape[group] % self.groups:
            raise InvalidInput(f"groups must divide the {self.through}, which are {shape[group]} along axis {group}, got {self.groups}")
        view = (*shape[:group], self.groups, shape[group] // self.groups, *shape[group + 1 :])
        first = (group, *(axis + (axis >= group) for axis in (outputs, inputs)))
        return view, (*first, *(axis for axis in range(len(view)) if axis not in first))


def canonical(xp: Any, weight: Array, channels: Channels) -> Array:
    """Give a weight in the shape (groups, outputs of each, inputs of each, *taps)."""
    view, order = channels.view(tuple(weight.shape))
    return xp.permute_dims(xp.reshape(weight, view), order)


def restored(xp: Any, kernel: Array, like: Array, channels: Channels) -> Array:
    """Give a weight of that shape in the layout of another."""
    _, order = channels.view(tuple(like.shape))
    back = tuple(order.index(axis) for axis in range(len(order)))
    return xp.reshape(xp.permute_dims(kernel, back), like.shape)
