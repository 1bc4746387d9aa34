"""What a native layer means: a call as text, or a live layer, read as a spec in a situation."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.errors import NormspecError, Unsupported
from normspec.translation.call import parse, required
from normspec.translation.find import of_class
from normspec.translation.situated import Reading, situated

MIXING = ("batch_norm", "batch_renorm", "ghost_batch_norm")
"""Layers that take statistics of several samples at once."""


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
    entries, arguments = parse(call_or_layer) if isinstance(call_or_layer, str) else live(call_or_layer)
    return reading_of(entries, arguments, **situation)


def reading_of(entries: tuple[Entry, ...], arguments: Mapping[str, Any], **situation: Any) -> Reading:
    """Give what `reading` gives of a layer of these entries, whose arguments are known by their names."""
    return situated(_of_one_layer(entries, arguments, situation), arguments, **situation)


def _of_one_layer(entries: tuple[Entry, ...], arguments: Mapping[str, Any], situation: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Give the entries of the layer that a call is.

    Where one name stands for several, it is the first that does not refuse the call; and batch norm only where it mixes samples, which lie
    along x's first axis, as no other does.
    """
    if all(e.layer == entries[0].layer for e in entries):
        return entries
    told = [e for e in entries if set(required(e)) <= set(arguments)]
    kinds = {layer: tuple(e for e in told if e.layer == layer) for layer in dict.fromkeys(e.layer for e in told)}
    if len(kinds) == 1:
        return tuple(told)
    refused: dict[str, NormspecError] = {}
    for layer, own in kinds.items():
        try:
            found = situated(own, arguments, **situation)
        except NormspecError as reason:
            refused[str(reason)] = reason
            continue
        if (0 in found.spec.geometry(found.situation.shape).axes) == (layer in MIXING):
            return own
    if len(refused) == 1:
        raise next(iter(refused.values()))
    raise Unsupported("; ".join(refused) or f"{entries[0].native} is each of {', '.join(kinds)} at another rank: give the rank of x")


def live(layer: Any) -> tuple[tuple[Entry, ...], dict[str, Any]]:
    """Give the entries of a live layer, and its arguments.

    Raises
    ------
    NotFound
        Where its class is none that a dialect has.
    """
    entries = of_class(layer)
    assert entries[0].attributes is not None
    return entries, dict(entries[0].attributes(layer))
