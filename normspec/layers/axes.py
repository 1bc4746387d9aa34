"""Axes: counted from the front where they are not negative, from the back where they are, as in the Array API standard."""

from normspec.errors import InvalidInput


def resolve(axes: tuple[int, ...], rank: int, name: str) -> tuple[int, ...]:
    """Give the axes of an array of this rank, ascending and not negative.

    Raises
    ------
    InvalidInput
        Where an axis does not exist at this rank or is named twice.
    """
    found = sorted({a + rank if a < 0 else a for a in axes})
    if len(found) != len(axes) or any(not 0 <= a < rank for a in found):
        raise InvalidInput(f"{name} must be different axes of x, which has rank {rank}, got {axes}")
    return tuple(found)


def others(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Give every axis that is not among `axes` (resolved)."""
    return tuple(a for a in range(rank) if a not in axes)
