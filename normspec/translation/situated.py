"""What a native layer means in a situation: of the rank of x that is asked for, or else the usual one, and of lengths that it can have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import prod
from typing import Any, TypeVar

from normspec.dialects.entry import Entry, Name
from normspec.dtypes import FLOATS
from normspec.errors import InvalidInput, NormspecError, Unsupported
from normspec.layers.axes import axes_fields, resolve
from normspec.records import Situation
from normspec.translation.layout import parameter_axes

USUAL = {
    **dict.fromkeys(("batch_norm", "batch_renorm", "instance_norm", "group_norm", "local_response_norm"), 4),
    **dict.fromkeys(("weight_norm", "spectral_norm", "weight_standardization", "feature_norm"), 2),
}
"""The rank of x that a layer is most used at: images, or matrices of weights and tables of features."""
OTHERWISE = 3
"""That of other layers: sequences of vectors."""

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """A native layer with its arguments, the situation in which it was read, and what it means there.

    `sized` says that the lengths along which parameters lie are those asked for; otherwise they, as all others, are made up, such that
    the layer exists there.
    """

    entry: Entry
    arguments: Mapping[str, Any]
    situation: Situation
    spec: Any
    sized: bool


def situated(
    entries: tuple[Entry, ...],
    arguments: Mapping[str, Any],
    *,
    rank: int | None = None,
    shape: tuple[int, ...] | None = None,
    dtype: str = "float32",
    parameter_dtype: str | None = None,
    others: tuple[range, ...] = (range(65),),
) -> Reading:
    """Give what the arguments of a layer mean, whose entries are for different ranks, if they are several.

    A shape of x says more than its rank. Without either, the usual rank is taken, or another that is in one of `others`, if any is.
    """
    parameter_dtype = parameter_dtype or dtype
    for name in (dtype, parameter_dtype):
        if name not in FLOATS:
            raise InvalidInput(f"dtype must be one of {', '.join(FLOATS)}, got {name!r}")
    if rank is not None and shape is not None and rank != len(shape):
        raise InvalidInput(f"shape of x must be of the rank asked for, {rank}, got {shape}: give one of the two")
    asked = len(shape) if shape is not None else rank
    if asked is not None and not any(asked in entry.ranks for entry in entries):
        raise InvalidInput(f"rank of x must be one that {entries[0].native} takes, {_ranks(entries)}, got {asked}")

    known: dict[Situation, Any] = {}

    def meant(entry: Entry, s: Situation) -> Any:
        known[s] = known[s] if s in known else meaning(entry, arguments, s)
        return known[s]

    def at(n: int) -> tuple[Entry, list[Situation]]:
        entry = next(entry for entry in entries if n in entry.ranks)
        shapes = [made_up(n, times) for times in _multiples(entry, arguments)] if shape is None else [shape]
        return entry, [Situation(shape=s, dtype=dtype, parameter_dtype=parameter_dtype) for s in shapes]

    def least(entry: Entry, situations: list[Situation]) -> int:
        return _first_that(lambda s: _least(meant(entry, s)), situations)

    n = asked or usual_rank(entries, others)
    entry, situations = at(n)
    if asked is None and (more := least(entry, situations)) > n and any(more in entry.ranks for entry in entries):
        elsewhere = at(more)
        if least(*elsewhere) <= more:  # not where it is over all of any rank
            entry, situations = elsewhere
    return _first_that(lambda s: _read(entry, arguments, s, meant(entry, s), known=shape is not None), situations)


def _first_that(read: Callable[[Situation], Found], situations: list[Situation]) -> Found:
    """Give what is read in the first situation in which that is not refused.

    Raises
    ------
    InvalidInput, Unsupported
        Where it is refused in all, as in the first.
    """
    refused: list[NormspecError] = []
    for situation in situations:
        try:
            return read(situation)
        except (InvalidInput, Unsupported) as reason:
            refused.append(reason)
    raise refused[0]


def _read(entry: Entry, arguments: Mapping[str, Any], made: Situation, spec: Any, *, known: bool) -> Reading:
    """Read in a situation with the lengths that the arguments name; the layer must exist there."""
    situation, sized = _sized(entry, spec, arguments, made, known=known)
    spec = spec if situation is made else meaning(entry, arguments, situation)
    for name in axes_fields(spec):
        resolve(getattr(spec, name), len(situation.shape), name)
    spec.geometry(situation.shape)
    return Reading(entry=entry, arguments=arguments, situation=situation, spec=spec, sized=sized)


def made_up(rank: int, times: int = 1) -> tuple[int, ...]:
    """Give a shape of lengths that are all different, and multiples of a number."""
    return tuple(times * n for n in range(3, rank + 3))


def _multiples(entry: Entry, arguments: Mapping[str, Any]) -> tuple[int, ...]:
    """Give what lengths of x may have to be multiples of: one of the numbers in a call, such as that of groups."""
    values = {**entry.defaults, **{name: value for name, value in arguments.items() if name not in entry.sizes}}.values()
    return (1, *sorted({value for value in values if type(value) is int and value > 1}))


@cache
def usual_rank(entries: tuple[Entry, ...], others: tuple[range, ...] = (range(65),)) -> int:
    """Give the rank nearest to the layer's usual one, first among those that are in `others`."""
    usual = USUAL.get(entries[0].layer, OTHERWISE)
    if any(usual in entry.ranks for entry in entries) and any(usual in ranks for ranks in others):
        return usual
    own = sorted({n for entry in entries for n in entry.ranks})
    return min(own, key=lambda n: (not any(n in ranks for ranks in others), abs(n - usual)))


def meaning(entry: Entry, arguments: Mapping[str, Any], situation: Situation) -> Any:
    """Give what an entry's arguments mean; a value that has no place there at all is said to have none.

    Raises
    ------
    InvalidInput
        Where a value is of a kind that cannot be read.
    """
    try:
        return entry.meaning(arguments, situation)
    except NormspecError:
        raise
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError) as error:
        unknown = [f"{n}={v!r}" for n, v in arguments.items() if isinstance(v, Name) and n not in {*entry.free, *entry.sizes}]
        names = f"; of {', '.join(unknown)} the value is not known" if unknown else ""
        raise InvalidInput(f"{entry.call(arguments)} must have values that {entry.native} takes, got {error}{names}") from error


def _least(spec: Any) -> int:
    """Give the least rank of x that has every axis of a spec, and one axis more where statistics would be taken over all."""
    axes: list[int] = [a for name in axes_fields(spec) for a in getattr(spec, name)]
    over = len(spec.axes) + 1 if hasattr(spec, "axes") else 1
    return max([over, *(a + 1 if a >= 0 else -a for a in axes)])


def _sized(entry: Entry, spec: Any, arguments: Mapping[str, Any], situation: Situation, *, known: bool) -> tuple[Situation, bool]:
    """Put the lengths that arguments name into a made-up shape; tell whether all along which parameters lie are known.

    Raises
    ------
    InvalidInput
        Where the shape is known, and another.
    """
    sizes = next((arguments[name] for name in entry.sizes if name in arguments), None)
    sizes = (sizes,) if isinstance(sizes, int) else sizes
    if not isinstance(sizes, tuple) or any(isinstance(n, Name) for n in sizes):
        return situation, known
    axes = parameter_axes(spec.at_rank(len(situation.shape)))
    if known and prod(sizes) != prod(situation.shape[a] for a in axes):
        raise InvalidInput(f"shape of x must have {prod(sizes)} features along the axes {axes}, got {situation.shape}")
    if known or len(sizes) != len(axes):
        return situation, known
    shape = tuple(sizes[axes.index(a)] if a in axes else n for a, n in enumerate(situation.shape))
    return replace(situation, shape=shape), True


def _ranks(entries: tuple[Entry, ...]) -> str:
    found = [f"{e.ranks.start}" if len(e.ranks) == 1 else f"{e.ranks.start} to {e.ranks.stop - 1}" for e in entries]
    return " or ".join(found)
