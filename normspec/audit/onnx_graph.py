"""The graph of an ONNX model, walked through as it lies in the file. Numbers of fields are those of onnx.proto."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from normspec.audit.records import Shape
from normspec.audit.wire import Walk, decimal, inner, signed, text, varint
from normspec.errors import InvalidInput

DEEPEST = 16
"""Graphs within graphs."""
MOST_NUMBERS = 64
"""In one attribute."""


@dataclass
class Op:
    """A node of a graph."""

    type: str = ""
    name: str = ""
    domain: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    scope: int = 0


@dataclass
class Graph:
    """The nodes of a model, each of the scope of its graph or function, outputs and shapes of values, and the opsets by domain."""

    ops: list[Op] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    opsets: dict[str, int] = field(default_factory=dict)
    scopes: int = 0


def graph_of(whole: memoryview) -> Graph:
    """Walk through a file."""
    walk, found = Walk(), Graph()
    for number, _, value in walk.fields(whole):
        if number == 7:  # noqa: PLR2004 - graph
            _of_graph(walk, inner(value), found, 0)
        elif number == 8:  # noqa: PLR2004 - opset_import
            told = {n: v for n, _, v in walk.fields(inner(value))}
            found.opsets[text(told.get(1, memoryview(b"")))] = signed(told.get(2, 0))
        elif number == 25:  # noqa: PLR2004 - functions
            _of_graph(walk, inner(value), found, 1, node=7)
    return found


def _of_graph(walk: Walk, message: memoryview, found: Graph, depth: int, node: int = 1) -> None:
    """Walk through a graph: nodes (1), inputs (11), outputs (12) and other values (13); or a function, whose nodes have another number."""
    if depth > DEEPEST:
        raise InvalidInput(f"graphs must lie at most {DEEPEST} deep in one another")
    found.scopes += 1
    scope = found.scopes
    for number, _, value in walk.fields(message):
        if number == node:
            found.ops.append(_op(walk, inner(value), found, depth, scope))
        elif number in (11, 12, 13):
            name, shape = _value(walk, inner(value))
            found.outputs += [name] if number == 12 else []  # noqa: PLR2004 - as above
            if shape is not None:
                found.shapes[name] = shape


def _op(walk: Walk, message: memoryview, found: Graph, depth: int, scope: int) -> Op:
    op = Op(scope=scope)
    for number, _, value in walk.fields(message):
        if number in (1, 2):
            (op.inputs if number == 1 else op.outputs).append(text(value))
        elif number in (3, 4, 7):
            setattr(op, {3: "name", 4: "type", 7: "domain"}[number], text(value))
        elif number == 5:  # noqa: PLR2004 - attribute
            _attribute(walk, inner(value), op, found, depth)
    return op


def _attribute(walk: Walk, message: memoryview, op: Op, found: Graph, depth: int) -> None:
    """Take an attribute: a float (2), an integer (3), a text (4), integers (8); go into graphs (6, 11)."""
    name, value, numbers = "", None, list[int]()
    one: dict[int, Callable[[Any], Any]] = {2: decimal, 3: signed}
    for number, kind, told in walk.fields(message):
        if number == 1:
            name = text(told)
        elif number in one:
            value = one[number](told)
        elif number == 8:  # noqa: PLR2004 - integers, each alone or all in one
            numbers += [signed(told)] if kind == 0 else list(_packed(inner(told)))
        elif number in (6, 11):
            _of_graph(walk, inner(told), found, depth + 1)
        if len(numbers) > MOST_NUMBERS:
            raise InvalidInput(f"attributes must have at most {MOST_NUMBERS} integers")
    op.attributes[name] = tuple(numbers) if numbers else value


def _packed(told: memoryview) -> Iterator[int]:
    """Give integers that lie one after another."""
    at = 0
    while at < min(len(told), 10 * MOST_NUMBERS + 10):
        value, at = varint(told, at)
        yield signed(value)


def _value(walk: Walk, message: memoryview) -> tuple[str, Shape | None]:
    """Give name (1) and shape of a value: its type (2) is one of tensors (1), whose shape (2) has dimensions (1) of a length (1)."""
    name, levels = "", [message]
    for number, _, value in walk.fields(message):
        if number == 1:
            name = text(value)
    shaped = False
    for wanted in (2, 1, 2):
        levels = [inner(value) for level in levels for number, _, value in walk.fields(level) if number == wanted]
        shaped = bool(levels)
    if not shaped:
        return name, None
    dimensions = [inner(value) for level in levels for number, _, value in walk.fields(level) if number == 1]
    lengths = [[signed(value) for number, _, value in walk.fields(d) if number == 1] for d in dimensions]
    return name, tuple(n[0] if n and n[0] > 0 else None for n in lengths) or None
