"""How arrays lie in memory: the larger arrays that they are views of, and the views.

What is given lies in a memory of one axis, whose other places are no numbers, so that whoever ignores an offset or a stride reads these.
The memory becomes an array of the library's own first, and the view is taken there: so no copy on the way can lose it.
"""

from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np

from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Case, Implementation, Layout

OFFSET = 3
"""Places before an array that lies within a larger one: no kernel's vectors begin at the next."""
BEHIND = 7
"""Places behind an array, at least."""
ODD = 1073741823
"""What stands in the other places of integers."""


class Form(NamedTuple):
    """The view of a memory: where it begins, its shape and its strides in elements; `size` is that of the memory."""

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    size: int
    readonly: bool


class Laid(NamedTuple):
    """An array that is a view, the library's memory that it lies in, and what the other places of that held."""

    array: Array
    memory: Array
    before: Array
    others: Array


def form(shape: tuple[int, ...], layout: Layout) -> Form:
    """Give the view that has a layout."""
    rank = len(shape)
    inner = [*(a for a in range(rank) if a != 1), 1] if layout == "permuted" and rank > 1 else list(range(rank))
    if layout == "permuted" and rank == 2:  # noqa: PLR2004 - axis 1 is the innermost in the usual layout
        inner = [1, 0]
    box = tuple(2 * n for n in shape) if layout == "strided" else tuple(1 if a == 0 else n for a, n in enumerate(shape))
    box = box if layout in ("strided", "expanded") else shape
    strides = [0] * rank
    for k, axis in enumerate(inner):
        strides[axis] = prod(box[a] for a in inner[k + 1 :]) * (2 if layout == "strided" else 1)
    offset = OFFSET if layout == "offset" else 0
    if layout == "expanded" and rank:
        strides[0] = 0
    if layout == "reversed" and rank:
        strides[-1], offset = -1, max(shape[-1] - 1, 0)
    size = offset + max(prod(box), prod(shape)) + BEHIND  # whoever ignores the strides reads on within it
    return Form(offset, shape, tuple(strides), size, layout == "readonly")


def into(arrays: Arrays, case: Case, by: Implementation) -> tuple[Arrays, Mapping[str, Laid]]:
    """Give arrays as those of a library, in the layouts that the situation says; and of what lies in a larger one, that too."""
    layouts = dict(case.situation.layout)
    laid = {name: _laid(np.asarray(a), layouts[name], case, by) for name, a in arrays.items() if name in layouts}
    return {name: laid[name].array if name in laid else by.asarray(a, case.situation) for name, a in arrays.items()}, laid


def written(laid: Laid, by: Implementation) -> bool:
    """Tell whether the memory around an array is no longer what it was."""
    return _bits(np.asarray(by.asnumpy(laid.memory)), laid.others) != _bits(laid.before, laid.others)


def require(case: Case, by: Implementation) -> None:
    """Refuse a case whose layouts the library's arrays do not have, or whose shards it does not take.

    Raises
    ------
    Unsupported
        With the name of the layout, or the lengths of the shards.
    """
    shards = case.situation.shards
    if shards and (by.shards == "none" or (by.shards == "equal" and len(set(shards)) > 1)):
        raise Unsupported(f"{by.name} takes {'no shards' if by.shards == 'none' else f'shards of one length, not of {shards}'}")
    for _, layout in case.situation.layout:
        if layout not in by.layouts:
            raise Unsupported(f"arrays of {by.name} have no {layout} layout")


def view(memory: Array, at: Form) -> Array:
    """Give the view of a library's memory: NumPy's, and of others what they call `as_strided`, as PyTorch does."""
    if not isinstance(memory, np.ndarray):
        return memory.as_strided(at.shape, at.strides, at.offset)
    strides = tuple(s * memory.itemsize for s in at.strides)
    return np.lib.stride_tricks.as_strided(memory[at.offset :], at.shape, strides, writeable=not at.readonly)


def _laid(array: Any, layout: Layout, case: Case, by: Implementation) -> Laid:
    at = form(array.shape, layout)
    memory = np.full(at.size, np.nan if array.dtype.kind not in "iub" else ODD).astype(array.dtype)
    view(memory, at._replace(readonly=False))[...] = array
    others = np.ones(at.size, bool)
    view(others, at._replace(readonly=False))[...] = False
    own = by.asarray(memory.copy(), case.situation)
    return Laid(view(own, at), own, memory, others)


def _bits(memory: Any, others: Any) -> bytes:
    return bytes(memory[others].tobytes())
