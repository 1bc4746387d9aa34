"""Arrays of one framework under the names of another."""

from collections.abc import Iterator, Mapping
from math import prod

from normspec.dialects.entry import Entry
from normspec.errors import InvalidInput
from normspec.layers.fields import Slot
from normspec.layers.geometry import Geometry
from normspec.records import Array

Slots = Mapping[str, Slot]


def renames(source: Entry, target: Entry, owned: Slots, kept: Slots) -> dict[str, str | None]:
    """Give the target's name for each of the source's arrays, None for one that has no place there.

    `owned` are the arrays of the layer asked for, by our names, `kept` those of the layer found. What is in neither goes along where
    both frameworks have it, such as a count on which nothing depends.
    """
    return {theirs: target.names.get(ours) if ours in kept or ours not in owned else None for ours, theirs in source.names.items()}


def born(target: Entry, owned: Slots, kept: Slots) -> tuple[str, ...]:
    """Give the target's arrays that nothing is carried into, and that so stay as they are born."""
    return tuple(target.names[ours] for ours in kept if ours not in owned and ours in target.names)


def convert(
    arrays: Mapping[str, Array], *, source: Entry, target: Entry, owned: Slots, kept: Slots, there: Geometry, sized: bool
) -> dict[str, Array]:
    """Give arrays under the target's names, in the shapes that it has them in; `there` is where the target's parameters lie.

    Raises
    ------
    InvalidInput
        Where a name is unknown, missing or without a place, or a shape is wrong or not known; the message has all of them.
    """
    if not isinstance(arrays, Mapping):
        raise InvalidInput(f"arrays must be a dict of arrays by their names, got {arrays!r}")
    names = renames(source, target, owned, kept)
    slots = {theirs: owned[ours] for ours, theirs in source.names.items() if ours in owned}
    unshaped = source.lie == "flat" and target.lie != "flat" and not sized
    problems = [*_wrong(arrays, names, slots), *_unequal(arrays, slots, sized=sized), *_shapeless(names, slots, target, unshaped=unshaped)]
    if problems:
        raise InvalidInput("; ".join(problems))
    carried = {new: (arrays[old], slots.get(old)) for old, new in names.items() if new is not None and old in arrays}
    more = added(source, target)
    shaped = {new: _shaped(a, slot, target, there) for new, (a, slot) in carried.items()}
    return {new: a + more[new] if more.get(new) else a for new, a in shaped.items()}


def added(source: Entry, target: Entry) -> dict[str, float]:
    """Give what is added to an array of the source's to give the target's, by its name there, where it is anything."""
    both = {ours: source.plus.get(ours, 0.0) - target.plus.get(ours, 0.0) for ours in (*source.plus, *target.plus)}
    return {target.names[ours]: more for ours, more in both.items() if more and ours in target.names}


def _wrong(arrays: Mapping[str, Array], names: Mapping[str, str | None], slots: Slots) -> Iterator[str]:
    for name, a in arrays.items():
        if name not in names:
            yield f"array must be one of {', '.join(names)}, got {name!r}"
        elif name in slots and slots[name].role != "count" and not hasattr(a, "shape"):  # some keep a count as a number
            yield f"{name} must be an array, got a {type(a).__name__}"
    for name, slot in slots.items():
        if name not in arrays:
            yield f"{name} must be given, got nothing"
        elif names[name] is None and slot.role != "count":
            yield f"{name} must have a place in the target, which has none"
        elif len(slot.shape) == 1 and sum(n != 1 for n in getattr(arrays[name], "shape", ())) > 1:
            yield f"{name} must have one axis, beside those of length 1, got shape {tuple(arrays[name].shape)}"


def _unequal(arrays: Mapping[str, Array], slots: Slots, *, sized: bool) -> Iterator[str]:
    """Give what is wrong with the number of values of arrays that lie along the same axes."""
    found = {name: prod(arrays[name].shape) for name in slots if name in arrays and hasattr(arrays[name], "shape")}
    for name, n in found.items():
        first = next(other for other in found if slots[other].shape == slots[name].shape)
        must = prod(slots[name].shape) if sized else found[first]
        if n != must:
            yield f"{name} must have {must} values, {'as x has there' if sized else f'as {first} has'}, got {n}"


def _shapeless(names: Mapping[str, str | None], slots: Slots, target: Entry, *, unshaped: bool) -> Iterator[str]:
    for name, slot in slots.items():
        if unshaped and names[name] is not None and len(slot.shape) > 1:
            yield f"{name} must get {len(slot.shape)} axes in {target.native}, of sizes unknown: translate with the shape of x"


def _shaped(a: Array, slot: Slot | None, target: Entry, there: Geometry) -> Array:
    """Give what lies along axes of x in the target's shape. Of axes of length 1 theirs may have more than ours, or than the target's."""
    if slot is None or slot.role == "count" or not (slot.shape or a.shape):
        return a
    match target.lie:
        case "flat":
            shape: tuple[int, ...] = (-1,)
        case "row":
            shape = (1, -1)
        case "broadcast" if len(slot.shape) == 1:
            shape = _broadcast(slot, there)
        case "short" if len(slot.shape) == 1:
            shape = (-1, *[1] * (len(there.view) - 1 - max(there.lie)))
        case "trailing" if there.lie != (len(there.view) - 1,):
            shape = _broadcast(slot, there)
        case _:
            shape = (-1,) if len(slot.shape) == 1 else slot.shape
    return a if len(a.shape) == len(shape) else a.reshape(shape)


def _broadcast(slot: Slot, there: Geometry) -> tuple[int, ...]:
    sizes = iter(slot.shape if len(slot.shape) > 1 else (-1,))
    return tuple(next(sizes) if axis in there.lie else 1 for axis in range(len(there.view)))
