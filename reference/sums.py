"""Sums whose error grows with the square root of their length, on every library and in every layout.

NumPy adds along a leading axis one by one: float32 sums of 1e5 rows then err by hundreds of units in the last place. Here an
axis of n is cut into blocks of about sqrt(n), the blocks are summed, then their sums: at most 2 sqrt(n) additions in a row.
Cutting an axis is a reshape, a view in NumPy and PyTorch, and nothing is permuted in either layout.
"""

from math import isqrt, prod
from typing import Any

from normspec.records import Array

SHORT = 64
"""Axes up to this length are summed in one go."""


def size(x: Array, axes: tuple[int, ...]) -> int:
    """Give the number of elements along these axes."""
    return prod([x.shape[a] for a in axes])  # a list, for torch.compile traces no generator here


def total(xp: Any, x: Array, axes: tuple[int, ...]) -> Array:
    """Sum over axes, which stay with length 1."""
    for axis in axes:
        x = _along(xp, x, axis)
    return x


def _along(xp: Any, x: Array, axis: int) -> Array:
    n = x.shape[axis]
    if n <= SHORT:
        return xp.sum(x, axis=axis, keepdims=True)
    block = isqrt(n)
    whole = n - n % block
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    blocks = xp.reshape(_slice(x, axis, 0, whole), (*before, whole // block, block, *after))
    sums = xp.sum(xp.sum(blocks, axis=axis + 1), axis=axis, keepdims=True)
    return sums + xp.sum(_slice(x, axis, whole, n), axis=axis, keepdims=True) if whole < n else sums


def _slice(x: Array, axis: int, start: int, stop: int) -> Array:
    return x[(slice(None),) * axis + (slice(start, stop), ...)] if stop - start < x.shape[axis] else x
