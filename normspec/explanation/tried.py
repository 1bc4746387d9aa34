"""A native layer read with other arguments than its defaults, or in another situation; and what is found by it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from normspec.dialects.entry import Entry
from normspec.errors import NormspecError
from normspec.translation.bare import placeholders
from normspec.translation.situated import Reading, situated


@dataclass(frozen=True, kw_only=True)
class Influence:
    """Arguments decide a field. `shown` is they with their defaults, `value` the field there, `relation` how it depends on them.

    Where the situation decides, rank, shape or dtype of x, there are no arguments.
    """

    arguments: tuple[str, ...]
    shown: str
    path: str
    value: Any
    relation: str


def field_at(spec: Any, path: str) -> Any:
    """Give the value at a path, `running.rate`; None where the record that it is in is not there."""
    for name in path.split("."):
        spec = getattr(spec, name, None)
    return spec


def tried(entry: Entry, changed: Mapping[str, Any], **situation: Any) -> Iterator[Reading]:
    """Give a layer with some arguments changed, if there is such a layer."""
    with suppress(NormspecError):  # a value that the layer does not take, or that has no place among the points
        yield situated((entry,), {**placeholders(entry), **changed}, **situation)
