"""Points of the layers that make a statistic of x: which axes, which epsilon, and which values of x share a statistic.

The sets of values are counted out here, index by index: the layers take them from reshaped arrays.
"""

from math import prod
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from laws_numbers import numbers

from normspec.reference.layers import step
from normspec.reference.quad import asarray

SHAPES = [(2, 3), (4, 5), (1, 4), (6, 2), (3, 4, 2), (2, 6, 3), (4, 1, 3), (3, 3, 4), (2, 4, 1, 3), (2, 3, 2, 3), (1, 6, 2, 2)]
STANDARDIZING = ("batch_norm", "layer_norm", "instance_norm", "group_norm", "mean_variance_norm", "weight_standardization")
"""Layers that take the mean from x, and divide by its deviation."""
DIVIDING = ("rms_norm", "lp_norm", "weight_norm", "scale_norm")
"""Layers that divide x by a norm of it."""
BOTH = STANDARDIZING + DIVIDING
BY_AXES = ("layer_norm", "mean_variance_norm", "rms_norm", "lp_norm", "scale_norm")
FLOORED = ("mean_variance_norm", "lp_norm", "weight_norm", "scale_norm")
SCALED = tuple(layer for layer in BOTH if layer not in ("mean_variance_norm", "lp_norm"))
SHIFTED = tuple(layer for layer in SCALED if not layer.startswith(("weight", "scale")))


class Point(NamedTuple):
    """A layer told its keywords, and for every place of an x of this shape the number of the set whose statistic it has a part in."""

    layer: str
    shape: tuple[int, ...]
    sets: np.ndarray
    told: dict[str, Any]

    @property
    def n(self):
        """The number of values in each set."""
        return self.sets.size // (self.sets.max() + 1)


@np.errstate(all="ignore")  # what is no number shows in the values
def shown(layer, x, dy=None, values=None, *, mode="train", mask=None, **told):
    """Give y and, where there is a dy, the cotangents that a step gives."""
    y, _, pullback = step(layer, values or {}, {"x": x} if mask is None else {"x": x, "mask": mask}, mode, told)
    return {"y": y} if dy is None else {"y": y, **{f"d{name}": a for name, a in pullback(dy).items()}}


def at(point, x, dy=None, values=None, **other):
    """Give what a step at a point shows, some of its keywords being other ones."""
    return shown(point.layer, x, dy, values, **{**point.told, **other})


# ---- drawing


@st.composite
def epsilons(draw, layer):
    """Draw an epsilon and its place."""
    places = {"inside": (0.0, 2.0**-10, 3.0), "outside": (2.0**-10, 0.25), "floor": (0.25, 3.0) if layer in FLOORED else ()}
    place, epsilon = draw(st.sampled_from([(place, epsilon) for place, found in places.items() for epsilon in found]))
    return {"epsilon": epsilon, "epsilon_place": place}


@st.composite
def points(draw, layer, most=36):
    """Draw a point of a layer."""
    shape = draw(st.sampled_from([shape for shape in SHAPES if np.prod(shape) <= most]))
    rank, axes = len(shape), draw(st.permutations(range(len(shape))))
    over = axes[: draw(st.integers(1, rank - (layer == "group_norm")))]
    kept = [a for a in axes if a not in over]
    told = draw(epsilons(layer))
    if layer in STANDARDIZING:
        told["correction"] = draw(st.sampled_from((0, 1)))
    if layer == "lp_norm":
        told["order"] = draw(st.sampled_from((2.0, 1.0, 3.0)))
    sets = numbered(shape, kept)
    if layer in BY_AXES:
        told["axes"] = tuple(over)
    elif layer == "group_norm":
        channel, *batch = kept
        groups = draw(st.sampled_from([g for g in range(1, shape[channel] + 1) if shape[channel] % g == 0]))
        told |= {"channel_axes": (channel,), "batch_axes": tuple(batch), "groups": groups}
        told |= {"grouping": draw(st.sampled_from(("contiguous", "interleaved"))), "scale_per": draw(st.sampled_from(("channel", "group")))}
        sets = numbered(shape, batch) * groups + group_of_channel(told, shape[channel])[np.indices(shape)[channel]]
    else:
        cut = draw(st.integers(0, len(kept))) if layer == "instance_norm" else 0
        told |= {"channel_axes": tuple(kept[cut:]), **({"batch_axes": tuple(kept[:cut])} if layer == "instance_norm" else {})}
    from_back = rank if draw(st.booleans()) else 0
    return Point(layer, shape, sets, {k: tuple(a - from_back for a in v) if k.endswith("axes") else v for k, v in told.items()})


@st.composite
def steps(draw, layer, **rest):
    """Draw a point, an x and a cotangent."""
    point = draw(points(layer, **rest))
    return point, draw(numbers(point.shape)), draw(numbers(point.shape))


@st.composite
def learned(draw, point):
    """Draw the parameters of a layer at a point, as far as it has any."""
    names = ("scale",) * (point.layer in SCALED) + ("shift",) * (point.layer in SHIFTED)
    return {name: draw(numbers(owned(point))) for name in names}


# ---- sets of values, and what lies along axes


def from_front(axes, rank):
    return sorted(a % rank for a in axes)


def numbered(shape, axes):
    """Give every place the number of its index along some axes, in ascending order."""
    number, index = np.zeros(shape, int), np.indices(shape)
    for axis in sorted(axes):
        number = number * shape[axis] + index[axis]
    return number


def group_of_channel(told, channels):
    c = np.arange(channels)
    return c * told["groups"] // channels if told["grouping"] == "contiguous" else c % told["groups"]


def rows(sets, a):
    """Give the values of every set as a row."""
    return a.reshape(-1)[np.argsort(sets, axis=None, kind="stable")].reshape(sets.max() + 1, -1)


def back(sets, values):
    """Give rows the places that they were taken from."""
    a = np.empty_like(values).reshape(-1)
    a[np.argsort(sets, axis=None, kind="stable")] = values.reshape(-1)
    return a.reshape(sets.shape)


def owned(point):
    """Give the shape of scale and shift."""
    if point.layer == "group_norm":
        (channel,) = point.told["channel_axes"]
        return (point.shape[channel],) if point.told["scale_per"] == "channel" else (point.told["groups"],)
    return tuple(point.shape[a] for a in parameter_axes(point))


def parameter_axes(point):
    """Give the axes along which scale and shift lie."""
    if point.layer == "scale_norm":
        return []
    return from_front(point.told["axes" if point.layer in BY_AXES else "channel_axes"], len(point.shape))


def spread(point, a):
    """Give every place of x the entry of scale or shift that it meets."""
    axes = parameter_axes(point)
    entry = numbered(point.shape, axes)
    if point.layer == "group_norm" and point.told["scale_per"] == "group":
        entry = group_of_channel(point.told, point.shape[axes[0]])[entry]
    return a.reshape(-1)[entry]


# ---- statistics, in NumPy's own words


def statistic(point, x):
    """Give the variance, the mean of squares or the sum of powers of every set, in a column."""
    values = rows(point.sets, x)
    if point.layer in STANDARDIZING:
        return np.sum((values - mean(point, x)) ** 2, axis=1, keepdims=True) / max(point.n - point.told["correction"], 1)
    powers = prod([np.abs(values)] * int(point.told.get("order", 2)))
    return np.sum(powers, axis=1, keepdims=True) / (point.n if point.layer == "rms_norm" else 1)


def mean(point, x):
    """Give the mean that the layer takes from every set, in a column: 0 where it takes none."""
    values = rows(point.sets, x)
    return np.mean(values, axis=1, keepdims=True) * (point.layer in STANDARDIZING)


def divisor(point, statistic, epsilon=None):
    """Give the divisor that the clauses make of a statistic."""
    epsilon, place = point.told["epsilon"] if epsilon is None else epsilon, point.told["epsilon_place"]
    order = point.told.get("order", 2.0)
    if place == "inside":
        return root(statistic + epsilon, order)
    length = root(statistic, order)
    return length + epsilon if place == "outside" else np.maximum(length, asarray(np.float64(epsilon)))


def root(powers, order):
    """Give the root of this order, at 0, too."""
    if order in (1, 2):
        return powers if order == 1 else np.sqrt(powers)
    return np.where(powers == 0, powers, np.where(powers == 0, powers + 1, powers) ** (powers * 0 + 1 / asarray(np.float64(order))))
