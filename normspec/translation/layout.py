"""Layouts: the order of x's axes. Where a layer wants its axes elsewhere, x may be moved instead."""

from collections import Counter
from dataclasses import replace
from typing import Any

from normspec.layers.axes import axes_fields
from normspec.records import Situation


def parameter_axes(spec: Any) -> tuple[int, ...]:
    """Give the axes of x along which parameters of a layer lie, if it has any; none where it has no field of such axes."""
    found: tuple[int, ...] = getattr(spec, "parameter_axes", getattr(spec, "channel_axes", ()))
    return found


def layout(asked: Any, meant: Any, rank: int) -> tuple[int, ...] | None:
    """Give the order of axes, as `transpose` takes it, in which the second spec does to x what the first does to x as it is.

    None where they have the same axes; and where no order helps, or only one in which parameters would have to be transposed as well.
    """
    a, b = asked.at_rank(rank), meant.at_rank(rank)
    have, want = ([tuple(axis in getattr(s, name) for name in axes_fields(s)) for axis in range(rank)] for s in (a, b))
    if have == want or Counter(have) != Counter(want):
        return None
    of_kind = {kind: iter([axis for axis in range(rank) if have[axis] == kind]) for kind in have}
    order = tuple(next(of_kind[kind]) for kind in want)
    along = [order[axis] for axis in parameter_axes(b)]
    return order if along == sorted(along) else None


def moved(spec: Any, situation: Situation, order: tuple[int, ...]) -> tuple[Any, Situation]:
    """Give the spec and the situation of an x whose axes were put in this order."""
    here = spec.at_rank(len(order))
    axes = {name: tuple(sorted(order.index(a) for a in getattr(here, name))) for name in axes_fields(here)}
    return replace(here, **axes), replace(situation, shape=tuple(situation.shape[a] for a in order))
