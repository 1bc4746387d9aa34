"""A layer by its defaults: what must be given all the same is as the dialect writes it for a typical layer, and sizes are variables."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from normspec.dialects.entry import Entry, Name
from normspec.errors import Unsupported
from normspec.layers import spec_of
from normspec.records import Situation
from normspec.translation.call import required
from normspec.translation.find import targets
from normspec.translation.situated import Reading, made_up, situated, usual_rank


@cache
def typical(layer: str) -> Any:
    """Give a layer at the first points of its fields, with running statistics where it can have them."""
    points = {f.name: f.metadata["points"][-1 if f.metadata["record"] else 0] for f in fields(spec_of(layer))}
    return spec_of(layer)(**points)


def somewhere(rank: int) -> Situation:
    """Give a situation of this rank, of sizes that are all different."""
    return Situation(shape=made_up(rank), dtype="float32", parameter_dtype="float32")


@cache
def placeholders(entry: Entry) -> Mapping[str, Any]:
    """Give something in the place of each required argument."""
    written = entry.write(typical(entry.layer), somewhere(usual_rank((entry,))))
    return {name: value for name, value in without_sizes(entry, written).items() if name in required(entry)}


def without_sizes(entry: Entry, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Give arguments with variables in the place of sizes, for those that are made up."""
    return {name: _variables(name, value) if name in entry.sizes else value for name, value in arguments.items()}


def _variables(name: str, size: Any) -> Any:
    """Give the variable in the place of one length, or the tuple of those in the place of several."""
    if not isinstance(size, tuple):
        return Name(name)
    return tuple(Name(f"size_{i}") for i in range(len(size))) if len(size) > 1 else (Name("size"),)


def usual(dialect: str, layer: str, rank: int) -> Entry:
    """Give a dialect's layer at a rank: that which is a class, where there is one.

    Raises
    ------
    NotFound
        Where there is no such dialect.
    Unsupported
        Where it has no such layer.
    """
    found = [entry for entry in targets(dialect, layer) if rank in entry.ranks]
    if not found:
        raise Unsupported(f"{dialect} has no {layer} that takes an x of rank {rank}")
    return next((entry for entry in found if entry.attributes), found[0])


@cache
def bare(entry: Entry, rank: int | None = None) -> Reading:
    """Give what a layer means by its defaults, at a rank or at the usual one."""
    return situated((entry,), placeholders(entry), rank=rank)
