"""How a field depends on an argument, in words: found from values of the argument that were tried, each with the field's value then."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from math import isclose
from typing import Any

from normspec.dialects.entry import Name, complement

Pairs = list[tuple[Any, Any]]
Test = Callable[[Any, Any], bool]
ENOUGH = 4
"""Values for which a relation holds, beside which one for which it does not is the exception."""
SEVERAL = 3
"""Values with which a field is the same, so that it is so with any."""


def relation(argument: str, path: str, pairs: Pairs, names: Mapping[float, str] | None = None) -> str:
    """Say how a field depends on an argument: as the argument, as something made of it, or value by value.

    `names` are those of other arguments that were given these numbers, of which the field may be made as well.
    """
    said = [pair for pair in pairs if not (pair[0] is None or isinstance(pair[0], str))]
    apart = [pair for pair in pairs if pair not in said]
    words, holds = next(_found(argument, said, names or {}), ("", None))
    if holds is not None:
        apart = [pair for pair in pairs if pair in apart or not holds(*pair)]
    elif len(said) >= SEVERAL and apart and all(found == said[0][1] for _, found in said):
        words = shown(said[0][1])
    cases = in_cases(f"where {argument} is", [(_given(value), found) for value, found in (apart if words else pairs)])
    return f"{path} = " + ", ".join(part for part in (words, cases) if part)


def in_cases(lead: str, pairs: list[tuple[str, Any]]) -> str:
    """Say which values a field has, each with the conditions under which it has it."""
    alike: dict[str, list[str]] = {}
    for condition, found in pairs:
        alike.setdefault(shown(found), []).append(condition)
    return ", ".join(f"{found} {lead} {' or '.join(conditions)}" for found, conditions in alike.items())


def shown(value: Any) -> str:
    """Give the value of a field in a word or two."""
    if is_dataclass(value):
        return "kept"
    return "none" if value is None else repr(value)


def _given(value: Any) -> str:
    return "given" if isinstance(value, Name) else repr(value)


def _found(argument: str, said: Pairs, names: Mapping[float, str]) -> Iterator[tuple[str, Test]]:
    """Give the relations that hold of every value, then those that hold of all but one, each with its test."""
    known = list(_relations(argument, said, names)) if said else []
    yield from (r for r in known if all(r[1](*pair) for pair in said))
    if len(said) > ENOUGH:
        yield from (r for r in known if sum(not r[1](*pair) for pair in said) == 1)


def _relations(argument: str, said: Pairs, names: Mapping[float, str]) -> Iterator[tuple[str, Test]]:
    """Give what is tried: words, and a test of the argument's value and the field's."""
    yield argument, lambda value, found: found == (value,) or (type(found) is type(value) and found == value)
    yield f"not {argument}", lambda value, found: isinstance(value, bool) and found is (not value)
    if all(_is_number(n) for pair in said for n in pair) and len({value for value, _ in said}) > 1:
        yield f"1 - {argument}", lambda value, found: isclose(found, complement(value))
        yield f"{argument} // 2", lambda value, found: found == value // 2
        yield f"({argument} - 1) // 2", lambda value, found: found == (value - 1) // 2
        yield f"sqrt({argument})", lambda value, found: value >= 0 and isclose(found * found, value)
        yield from _quotients(argument, said, names)


def _quotients(argument: str, said: Pairs, names: Mapping[float, str]) -> Iterator[tuple[str, Test]]:
    value, found = said[0]
    if value and found:
        product, quotient = value * found, round(value / found)
        yield f"{argument} / {names.get(quotient, quotient)}", lambda value, found: quotient > 1 and isclose(found * quotient, value)
        yield f"{names.get(product, product)} / {argument}", lambda value, found: isclose(value * found, product)


def _is_number(n: Any) -> bool:
    return isinstance(n, int | float) and not isinstance(n, bool)
