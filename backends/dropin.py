"""What makes a native layer: the framework's own class or function, or a drop-in of the same signature that stands in its place."""

from collections.abc import Iterable, Mapping
from pkgutil import resolve_name
from types import MappingProxyType
from typing import Any

from normspec.dialects.entry import Entry

Instead = Mapping[str, Any]
"""Drop-ins by the native names that they stand for."""
NOTHING: Instead = MappingProxyType({})
"""No drop-in."""


def offered(entries: Iterable[Entry], instead: Instead) -> tuple[Entry, ...]:
    """Give the entries that are driven: with drop-ins, theirs alone."""
    return tuple(entry for entry in entries if not instead or entry.native in instead)


def maker(entry: Entry, instead: Instead) -> Any:
    """Give what makes a layer of an entry: a name of a module, or of a class in one."""
    return instead[entry.native] if entry.native in instead else resolve_name(entry.native)
