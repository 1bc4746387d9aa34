"""What the operators of ONNX have in common: how they are named and documented, attributes of 32 bits, the precision of the first stage."""

import struct
from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.mlx.common import statistics_dtype as of_float32
from normspec.layers.fields import StatisticsDtype
from normspec.records import Situation

DOCS = "https://onnx.ai/onnx/operators/onnx__"

Arguments = Mapping[str, Any]

STANDARDIZED: dict[str, Any] = {"epsilon_place": "inside", "correction": 0, "variance": "two_pass", "one_value": "shift"}
"""What every operator here has in common that takes a mean and a variance, and scales."""
LATEST = 28
"""The latest opset of ONNX 1.23."""
FLOAT = 1
"""What `stash_type` says for float32."""


def attribute(value: float, situation: Situation) -> float:
    """Give an attribute as it is kept, in 32 bits, where x's dtype can tell."""
    if situation.dtype != "float64":
        return value
    (kept,) = struct.unpack("f", struct.pack("f", float(value)))
    return float(kept)


def trailing(axis: int, rank: int) -> tuple[int, ...]:
    """Give the axes from this one on."""
    return tuple(range(axis % rank, rank))


def first(axes: tuple[int, ...], rank: int) -> int:
    """Give the first of these axes, counted from the end."""
    return min(axis % rank for axis in axes) - rank


def statistics_dtype(situation: Situation) -> StatisticsDtype:
    """Give the dtype of what `stash_type` float32 computes: 16 bits are rounded to before it is scaled, and before it is shifted."""
    return of_float32(situation.dtype)


def entry(
    layer: str,
    name: str,
    opset: int,
    inputs: tuple[str, ...],
    defaults: Arguments,
    ranks: range,
    read: Any,
    write: Any,
    *,
    since: int,
    until: int = LATEST + 1,
    required: tuple[str, ...] = (),
    free: tuple[str, ...] = (),
    **rest: Any,
) -> Entry:
    """Give the entry of an operator, which has meant this `since` an opset and `until` another.

    Its inputs, by position, say nothing unless they may be left out; attributes that are `required` follow.
    """
    native = f"onnx.opset{opset}.{name}"
    told = {"names": {}, "modes": dict.fromkeys(("train", "evaluate", "freeze"), f"{native}(x, ...)"), **rest}
    return Entry(
        native=native,
        layer=layer,
        variant="",
        versions=">=1.23",
        source=f"{DOCS}{name}.html",
        ranks=ranks,
        positional=(*inputs, *required),
        defaults=defaults,
        also=(*(f"onnx.opset{one}.{name}" for one in range(since, until) if one != opset), *([f"onnx.{name}"] if until > LATEST else [])),
        free=(*(i for i in inputs if i not in defaults), *free),
        read=read,
        write=write,
        **told,
    )
