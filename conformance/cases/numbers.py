"""Numbers that are not noise: dyadic ones, whose sums no order rounds, and values that are no numbers."""

from math import prod
from typing import Any

import numpy as np

from normspec.layers.axes import others
from normspec.layers.geometry import Geometry
from normspec.records import Array

STEP = 105
"""A multiple of 3, 5 and 7, by which the values of a statistic differ: the mean of any 1 to 8 of them is dyadic."""


def dyadic(rng: np.random.Generator, at: Geometry, shape: tuple[int, ...]) -> Array:
    """Draw x for statistics over 2, 4 or 8 values: each is a small number, plus or minus `STEP` or 0 as often, times a power of two.

    So each mean, every partial mean of Welford's, all squares and all their sums have few bits.
    """
    kept = others(at.axes, len(at.view))
    steps = np.array([1, -1]) if at.n == 2 else np.repeat([0, 0, 1, -1], at.n // 4)  # noqa: PLR2004 - one above the mean, one below
    lengths = [at.view[a] for a in kept]
    drawn = rng.permuted(np.tile(steps, (*lengths, 1)), axis=-1) * float(STEP)
    times = rng.permutation(np.resize([0.5, 1.0, 2.0], prod(lengths))).reshape(*lengths, 1)  # no two statistics need be alike
    drawn = (drawn + rng.choice([-3.0, -1.0, 1.0, 2.0], size=(*lengths, 1))) * times
    order = (*kept, *at.axes)
    return np.transpose(drawn.reshape([at.view[a] for a in order]), np.argsort(order)).reshape(shape)


def eighths(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw a cotangent of few bits, whose sums are exact in any order."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.integers(1, 17, size=shape) / 8


def of_state(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> Array | None:
    """Draw what is loaded of few bits: running or observed statistics; None for any other array."""
    if name.endswith("mean"):
        return rng.choice([-1.5, -0.5, 0.5, 2.25], size=shape)
    return rng.choice([0.5, 2.25, 3.0], size=shape) if name.endswith(("variance", "deviation")) else None


def spoiled(x: Array, at: Geometry) -> Array:
    """Give x with no number and an infinite one among the values of its first statistic."""
    seen: Any = x.reshape(at.view).copy()
    places = np.argwhere(np.all([np.indices(at.view)[a] == 0 for a in others(at.axes, len(at.view))], axis=0))
    for place, value in zip(places[:2], (np.nan, np.inf), strict=False):
        seen[tuple(place)] = value
    return seen.reshape(x.shape)
