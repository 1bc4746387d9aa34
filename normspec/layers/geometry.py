"""Geometry: where the statistics and the parameters of a layer lie in an x of some shape."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any

from normspec.errors import InvalidInput
from normspec.layers.axes import others, resolve

Axes = tuple[int, ...]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Geometry:
    """Axes of a view of x, which is x with an axis split where several of its indices share a statistic, and else x itself.

    Statistics are taken over `axes`; scale, shift and running statistics lie along the axes `lie`, and are of the shape
    `owned`, which `places` puts in words. What is observed of the statistics is their mean over the axes `pooled`.
    Where every sample is given a scale and a shift of its own, `conditioned` says where these lie.
    """

    view: Shape
    axes: Axes
    lie: Axes
    owned: Shape
    places: str
    pooled: Axes = ()
    conditioned: "Geometry | None" = None

    @property
    def parameters(self) -> "Geometry":
        """Where scale and shift lie: as running statistics do, unless every sample has its own."""
        return self if self.conditioned is None else self.conditioned

    @property
    def n(self) -> int:
        """The number of values of x over which each statistic is taken."""
        return prod(self.view[a] for a in self.axes)

    @property
    def reduced(self) -> Shape:
        """The shape of statistics, which keep the axes that they are taken over with length 1."""
        return tuple(1 if a in self.axes else n for a, n in enumerate(self.view))

    @property
    def broadcast(self) -> Shape:
        """The shape in which what lies along `lie` broadcasts over the view."""
        return tuple(n if a in self.lie else 1 for a, n in enumerate(self.view))


def keeping(shape: Shape, channel_axes: Axes) -> Geometry:
    """Give the geometry of statistics over every axis but these, along which parameters lie."""
    lie = resolve(channel_axes, len(shape), "channel_axes")
    return Geometry(shape, others(lie, len(shape)), lie, *_along(shape, lie))


def over(shape: Shape, axes: Axes, parameter_axes: Axes = ()) -> Geometry:
    """Give the geometry of statistics over these axes, and parameters along those."""
    taken = resolve(axes, len(shape), "axes")
    lie = resolve(parameter_axes, len(shape), "parameter_axes")
    return Geometry(shape, taken, lie, *_along(shape, lie))


def together(shape: Shape, axes: Axes, channel_axes: Axes) -> Geometry:
    """Give the geometry of statistics over these axes that all channels of a sample have a part in, and parameters along the channels."""
    own, lie = _apart(shape, axes, channel_axes, "axes")
    return Geometry(shape, tuple(sorted((*own, *lie))), lie, *_along(shape, lie))


def by_sample(shape: Shape, batch_axes: Axes, channel_axes: Axes) -> Geometry:
    """Give the geometry of statistics for every sample and channel, observed by their mean over samples."""
    batch, lie = _apart(shape, batch_axes, channel_axes)
    return Geometry(shape, others((*batch, *lie), len(shape)), lie, *_along(shape, lie), batch)


def by_condition(at: Geometry, batch_axes: Axes) -> Geometry:
    """Give a geometry in which scale and shift lie along the axes of the batch, too."""
    lie = tuple(sorted({*at.lie, *_apart(at.view, batch_axes, at.lie)[0]}))
    owned, places = _along(at.view, lie)
    return replace(at, conditioned=Geometry(at.view, at.axes, lie, owned, places))


def by_group(shape: Shape, batch_axes: Axes, channel_axes: Axes, groups: int, *, contiguous: bool, of_group: bool) -> Geometry:
    """Give the geometry of statistics for every sample and group of channels: the axis of the channels is two in the view.

    Raises
    ------
    InvalidInput
        Where the groups are not of equal size.
    """
    batch, (axis,) = _apart(shape, batch_axes, channel_axes)
    if shape[axis] % groups:
        raise InvalidInput(f"groups must divide the number of channels, which is {shape[axis]} along axis {axis} of x, got {groups}")
    size = shape[axis] // groups
    split, group = ((groups, size), axis) if contiguous else ((size, groups), axis + 1)
    view = (*shape[:axis], *split, *shape[axis + 1 :])
    kept = (*(a + 1 if a > axis else a for a in batch), group)
    axes = others(kept, len(view))
    if of_group:
        return Geometry(view, axes, (group,), (groups,), f"one entry for each of the {groups} groups")
    places = f"one entry for each of the {shape[axis]} channels along axis {axis} of x"
    return Geometry(view, axes, (axis, axis + 1), (shape[axis],), places)


def by_ghost(shape: Shape, channel_axes: Axes, size: int, *, contiguous: bool) -> Geometry:
    """Give the geometry of statistics for every ghost of so many samples and every channel: the first axis is two in the view.

    Raises
    ------
    InvalidInput
        Where the samples are not a multiple of that, or their axis is among the channels'.
    """
    lie = resolve(channel_axes, len(shape), "channel_axes")
    if 0 in lie:
        raise InvalidInput(f"channel_axes must not have the first axis, which is that of the samples, got {channel_axes}")
    if shape[0] % size:
        raise InvalidInput(f"ghost_size must divide the number of samples, which is {shape[0]} along the first axis of x, got {size}")
    split, ghost = ((shape[0] // size, size), 0) if contiguous else ((size, shape[0] // size), 1)
    view, channels = (*split, *shape[1:]), tuple(a + 1 for a in lie)
    return Geometry(view, others((ghost, *channels), len(view)), channels, *_along(shape, lie), (ghost,))


def _apart(shape: Shape, axes: Axes, channel_axes: Axes, name: str = "batch_axes") -> tuple[Axes, Axes]:
    some, lie = resolve(axes, len(shape), name), resolve(channel_axes, len(shape), "channel_axes")
    if set(some) & set(lie):
        raise InvalidInput(f"{name} and channel_axes must have no axis in common, got {axes} and {channel_axes}")
    return some, lie


def _along(shape: Shape, axes: Axes) -> tuple[Shape, str]:
    return tuple(shape[a] for a in axes), f"that of x along its axes {axes}"


def per_statistic(spec: Any, shape: Shape) -> int:
    """Give the number of values of an x of this shape over which each statistic of a layer is taken."""
    geometry: Geometry = spec.geometry(shape)
    return geometry.n
