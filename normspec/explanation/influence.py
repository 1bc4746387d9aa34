"""Which argument of a native layer decides which field, and how: found by reading the layer with the argument varied."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from functools import cache
from typing import Any

from normspec.clauses import differences, neighbours
from normspec.dialects.entry import Entry, Name
from normspec.errors import NormspecError
from normspec.explanation.relation import relation, shown
from normspec.explanation.situation import of_situation
from normspec.explanation.tried import Influence, field_at, tried
from normspec.layers import spec_of
from normspec.translation.bare import bare, placeholders, somewhere, typical
from normspec.translation.call import required
from normspec.translation.situated import Reading, usual_rank

NUMBERS = (0.25, 0.75)
INTEGERS = (1, -2, 2, 3, -1, (1, 2), (1, -1), None)
"""What is put in an argument's place, to see what it does: rates, and axes or how many of something."""
EVERY = Name("every axis")


def influences(entry: Entry) -> tuple[Influence, ...]:
    """Give everything that decides a field of a layer, field by field."""
    return tuple(found for path in _paths(spec_of(entry.layer)) for found in deciding(entry, path))


@cache
def deciding(entry: Entry, path: str) -> tuple[Influence, ...]:
    """Give what decides a field: arguments alone or, where none does, together; and the situation."""
    alone = tuple(found for found in arguments(entry) if found.path == path)
    told = alone or tuple(_by_writing(entry, path)) or tuple(_by_words(entry, path))
    return (*told, *(found for found in of_situation(entry) if found.path == path))


def arguments(entry: Entry) -> tuple[Influence, ...]:
    """Give every field that an argument of a layer decides alone, argument by argument."""
    telling = [name for name in (*required(entry), *entry.defaults) if entry.sizes.get(name) is not int]
    return tuple(found for argument in telling for found in _of(entry, argument))


def decided(entry: Entry, argument: str) -> tuple[str, ...]:
    """Give the paths of the fields that an argument decides: alone or, where it does so for none, together with others."""
    if argument not in {*required(entry), *entry.defaults} or entry.sizes.get(argument) is int:
        return ()
    own = tuple(found.path for found in _of(entry, argument))
    return own or tuple(found.path for found in influences(entry) if argument in found.arguments)


@cache
def _of(entry: Entry, argument: str) -> tuple[Influence, ...]:
    """Give what an argument decides, seen by reading the layer with other values of it."""
    known = {**placeholders(entry), **entry.defaults}
    given = known[argument]
    names = {value: name for name, value in known.items() if name != argument and isinstance(value, int | float)}
    seen, changed = _seen(entry, argument, given)
    told = [(value, of.spec) for value, of in (seen if isinstance(given, tuple) else [(given, bare(entry)), *seen])]
    alone = []
    for path in changed:
        pairs = [(value, _at(entry, argument, value, spec, path)) for value, spec in told]
        alone.append(_influence(entry, (argument,), path, relation(argument, path, pairs, names)))
    return tuple(alone) or tuple(_instead(entry, argument) if given is None else _together(entry, argument, given))


def _at(entry: Entry, argument: str, value: Any, spec: Any, path: str) -> Any:
    """Give a field as an argument makes it.

    Axes that are all there are where nothing is given are every axis, at other ranks too; and a number that stands in the place of another
    argument, which must be given, is that argument.
    """
    found, rank = field_at(spec, path), len(bare(entry).situation.shape)
    for name, number in placeholders(entry).items():
        if isinstance(found, float) and found == number and name != argument:
            return Name(name)
    return EVERY if value is None and path.endswith("axes") and found == tuple(range(rank)) else found


def _changed(entry: Entry, seen: list[tuple[Any, Reading]]) -> dict[str, None]:
    """Give the paths of the fields that are others than by default."""
    return {path: None for _, of in seen for path, _, _ in differences(bare(entry).spec, of.spec)}


def _instead(entry: Entry, argument: str) -> Iterator[Influence]:
    """Give what an argument decides that can only be given in the place of another, such as a size in that of a number."""
    for other in entry.defaults:
        seen = [(2, of) for of in tried(entry, {argument: 2, other: None})] if other != argument else []
        for path in _changed(entry, seen):
            yield _influence(entry, (argument,), path, f"{path}: as {argument} and x say, where {other} is None")


def _together(entry: Entry, argument: str, given: Any) -> Iterator[Influence]:
    """Give what an argument decides only where another, which by default is not, is True."""
    values = [value for value in _others(argument, given, entry.sizes.get(argument))[0] if not _same(value, given)]
    for other in (name for name, value in entry.defaults.items() if value is False and name != argument):
        told = [(value, of.spec) for value in (given, *values) for of in tried(entry, {other: True, argument: value})]
        for path in {path: None for _, spec in told for path, _, _ in differences(told[0][1], spec)}:
            how = relation(argument, path, [(value, field_at(spec, path)) for value, spec in told])
            yield _influence(entry, (argument,), path, f"{how}, where {other} is True")


def _by_writing(entry: Entry, path: str) -> Iterator[Influence]:
    """Give the arguments that are written otherwise where a field is another, for fields that no argument decides alone."""
    at = somewhere(usual_rank((entry,)))
    first = typical(entry.layer)
    base = dict(entry.write(first, at))
    pairs: list[tuple[dict[str, Any], Any]] = []
    for spec in (first, *neighbours(first, path)):
        with suppress(NormspecError):  # a point that the layer cannot say
            written = entry.write(spec, at)
            if written != base or spec is first:
                meant = entry.meaning(written, at).at_rank(len(at.shape))
                if field_at(meant, path) == field_at(spec.at_rank(len(at.shape)), path):
                    pairs.append((dict(written), field_at(spec, path)))
    told = dict.fromkeys(name for written, _ in pairs for name in written if entry.sizes.get(name) is not int)
    names = tuple(name for name in told if any(written.get(name) != base.get(name) for written, _ in pairs))
    if len(names) == 1:
        values = [(written.get(names[0], entry.defaults.get(names[0])), found) for written, found in pairs]
        yield _influence(entry, names, path, relation(names[0], path, values))
    elif names:
        yield _influence(entry, names, path, f"{path}: as {' and '.join(names)} say")


def _influence(entry: Entry, names: tuple[str, ...], path: str, how: str) -> Influence:
    said = ", ".join(f"{name}={entry.defaults[name]!r}" if name in entry.defaults else name for name in names)
    return Influence(arguments=names, shown=said, path=path, value=field_at(bare(entry).spec, path), relation=how)


def _paths(spec: type, prefix: str = "") -> Iterator[str]:
    """Give the paths of every field of a spec."""
    for f in fields(spec):
        yield prefix + f.name
        if f.metadata["record"]:
            yield from _paths(f.metadata["record"], f"{prefix}{f.name}.")


def _seen(entry: Entry, argument: str, given: Any) -> tuple[list[tuple[Any, Reading]], dict[str, None]]:
    """Give other values of an argument, each with what the layer then means, as far as that can be said, and the fields that change."""
    for values in _others(argument, given, entry.sizes.get(argument)):
        found = [(value, of) for value in values if not _same(value, given) for of in tried(entry, {argument: value})]
        if changed := _changed(entry, found):
            return found, changed
    return [], {}


def _by_words(entry: Entry, path: str) -> Iterator[Influence]:
    """Give the arguments whose words decide a field that is written for the sake of another."""
    for argument in (name for name, given in entry.defaults.items() if isinstance(given, str)):
        told = [(word, field_at(of.spec, path)) for word in _words(entry, argument) for of in tried(entry, {argument: word})]
        if len({shown(found) for _, found in told}) > 1:
            yield _influence(entry, (argument,), path, relation(argument, path, told))


@cache
def _words(entry: Entry, argument: str) -> tuple[str, ...]:
    """Give the words of an argument: by default, and as it is written where one field or another is not at its first point."""
    at, first = somewhere(usual_rank((entry,))), typical(entry.layer)
    found = {entry.defaults[argument]: None}
    for spec in (first, *(other for path in _paths(type(first)) for other in neighbours(first, path))):
        with suppress(NormspecError):  # a point that the layer cannot say
            word = entry.write(spec, at).get(argument)
            found |= {word: None} if isinstance(word, str) else {}
    return tuple(found)


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _others(argument: str, given: Any, size: type | None) -> tuple[tuple[Any, ...], ...]:
    """Give what to put in an argument's place: values together, and further ones where those change nothing."""
    if size is tuple:
        return (((2,), (2, 3)),)
    match given:
        case bool():
            return ((not given,),)
        case float():
            return ((*NUMBERS, None),)
        case int() | tuple() | list():
            return (INTEGERS,)
        case None:
            return (Name(argument),), NUMBERS, INTEGERS, (True, False)
        case _:
            return ((None,),)
