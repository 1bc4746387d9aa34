"""Axes: counted from the front where they are not negative, from the back where they are, as in the Array API standard."""

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache
from typing import Any

from normspec.errors import InvalidInput


def resolve(axes: tuple[int, ...], rank: int, name: str) -> tuple[int, ...]:
    """Give the axes of an array of this rank, ascending and not negative.

    Raises
    ------
    InvalidInput
        Where they are no integers, or an axis does not exist at this rank or is named twice.
    """
    if not isinstance(axes, Iterable) or [a for a in axes if isinstance(a, bool) or not hasattr(a, "__index__")]:
        raise InvalidInput(f"{name} must be a tuple of integers, axes of x, got {axes!r}")
    found = sorted({a + rank if a < 0 else a for a in axes})
    if len(found) != len(axes) or any(not 0 <= a < rank for a in found):
        raise InvalidInput(f"{name} must be different axes of x, which has rank {rank}, got {axes}")
    return tuple(found)


def others(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Give every axis that is not among `axes` (resolved)."""
    return tuple(a for a in range(rank) if a not in axes)


def counted_from_front(spec: Any, rank: int) -> Any:
    """Give a spec with every axis counted from the front of an x of this rank."""
    return replace(spec, **{name: resolve(getattr(spec, name), rank, name) for name in axes_fields(spec)})


def axes_fields(spec: Any) -> tuple[str, ...]:
    """Give the names of the fields that are axes of x."""
    kind: type = type(spec)
    return _axes_of(kind)


@cache
def _axes_of(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name.endswith("axes"))
