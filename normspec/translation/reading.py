"""What a native layer means: a call as text, or a live layer, read as a spec in a situation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from math import prod
from typing import Any, TypeVar

from normspec.dialects.entry import Entry, Name
from normspec.dtypes import FLOATS
from normspec.errors import InvalidInput, NormspecError, Unsupported
from normspec.records import Situation
from normspec.translation.call import parse
from normspec.translation.find import of_class

USUAL = {
    **dict.fromkeys(("batch_norm", "instance_norm", "group_norm", "local_response_norm"), 4),
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


def read(call_or_layer: Any, *, rank: int | None = None, dtype: str = "float32", parameter_dtype: str | None = None) -> Any:
    """Give the spec that a native layer means.

    Parameters
    ----------
    call_or_layer
        A call as text, `"torch.nn.BatchNorm2d(64, momentum=0.01)"`, which is parsed and never executed; or a live layer of a framework.
    rank
        The rank of x. Without it, the one nearest to the usual one that the layer takes and that has all its axes: 4 for images, 2 for
        weights and features, else 3.
    dtype, parameter_dtype
        The dtypes of x and of the parameters, by name; the parameters' are x's unless they are given.

    Raises
    ------
    NotFound
        Where no dialect has the layer, or more than one.
    InvalidInput
        Where the call cannot be, or not at this rank.
    Unsupported
        Where the layer has no place among the points of its specification, or the framework itself refuses it.
    """
    return reading(call_or_layer, rank=rank, dtype=dtype, parameter_dtype=parameter_dtype).spec


def reading(call_or_layer: Any, **situation: Any) -> Reading:
    """Give what `read` gives, and what it was read from; with what `situated` takes."""
    entries, arguments = parse(call_or_layer) if isinstance(call_or_layer, str) else _live(call_or_layer)
    return situated(_of_one_layer(entries, arguments, situation), arguments, **situation)


def _of_one_layer(entries: tuple[Entry, ...], arguments: Mapping[str, Any], situation: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Give the entries of the layer that a call is.

    Where one name stands for several, it is the first that does not refuse the call; and batch norm only where it mixes samples, which lie
    along x's first axis, as no other does.
    """
    kinds = {layer: tuple(e for e in entries if e.layer == layer) for layer in dict.fromkeys(e.layer for e in entries)}
    if len(kinds) == 1:
        return entries
    refused: dict[str, NormspecError] = {}
    for layer, own in kinds.items():
        try:
            found = situated(own, arguments, **situation)
        except NormspecError as reason:
            refused[str(reason)] = reason
            continue
        if (0 in found.spec.geometry(found.situation.shape).axes) == (layer == "batch_norm"):
            return own
    raise Unsupported("; ".join(refused)) if len(refused) > 1 else next(iter(refused.values()))


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
    asked = len(shape) if shape is not None else rank
    if asked is not None and not any(asked in entry.ranks for entry in entries):
        raise InvalidInput(f"rank of x must be one that {entries[0].native} takes, {_ranks(entries)}, got {asked}")

    def at(n: int) -> tuple[Entry, list[Situation]]:
        entry = next(entry for entry in entries if n in entry.ranks)
        shapes = [made_up(n, times) for times in _multiples(entry, arguments)] if shape is None else [shape]
        return entry, [Situation(shape=s, dtype=dtype, parameter_dtype=parameter_dtype) for s in shapes]

    def least(n: int) -> int:
        entry, situations = at(n)
        return _first_that(lambda s: _least(meaning(entry, arguments, s)), situations)

    n = asked or usual_rank(entries, others)
    if asked is None and (more := least(n)) > n and any(more in entry.ranks for entry in entries):
        n = more if least(more) <= more else n  # not where it is over all of any rank
    entry, situations = at(n)
    return _first_that(lambda s: _read(entry, arguments, s, known=shape is not None), situations)


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


def _read(entry: Entry, arguments: Mapping[str, Any], made: Situation, *, known: bool) -> Reading:
    """Read in a situation with the lengths that the arguments name; the layer must exist there."""
    spec = meaning(entry, arguments, made)
    situation, sized = _sized(entry, spec, arguments, made, known=known)
    spec = spec if situation is made else meaning(entry, arguments, situation)
    spec.at_rank(len(situation.shape)).geometry(situation.shape)
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


def parameter_axes(spec: Any) -> tuple[int, ...]:
    """Give the axes of x along which what a layer owns lies: none of one that has no field of them, for it owns nothing."""
    found: tuple[int, ...] = getattr(spec, "parameter_axes", getattr(spec, "channel_axes", ()))
    return found


def axes_fields(spec: Any) -> tuple[str, ...]:
    """Give the names of the fields that are axes of x."""
    return tuple(f.name for f in fields(spec) if f.name.endswith("axes"))


def _live(layer: Any) -> tuple[tuple[Entry, ...], dict[str, Any]]:
    entries = of_class(layer)
    assert entries[0].attributes is not None
    return entries, dict(entries[0].attributes(layer))


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
    axes = parameter_axes(spec.at_rank(len(situation.shape)))
    if not isinstance(sizes, tuple) or any(isinstance(n, Name) for n in sizes):
        return situation, known
    if known and prod(sizes) != prod(situation.shape[a] for a in axes):
        raise InvalidInput(f"shape of x must have {prod(sizes)} features along the axes {axes}, got {situation.shape}")
    if known or len(sizes) != len(axes):
        return situation, known
    shape = tuple(sizes[axes.index(a)] if a in axes else n for a, n in enumerate(situation.shape))
    return replace(situation, shape=shape), True


def _ranks(entries: tuple[Entry, ...]) -> str:
    found = [f"{e.ranks.start}" if len(e.ranks) == 1 else f"{e.ranks.start} to {e.ranks.stop - 1}" for e in entries]
    return " or ".join(found)
