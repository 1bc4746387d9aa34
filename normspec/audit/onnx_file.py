"""The nodes of an ONNX file. They are walked through as they lie in the file, and weights are passed over.

The onnx package is not used, whether it is there or not: it would read weights into memory, and what is asked of a file must not hang on
what is installed.
"""

import mmap
from collections import Counter
from pathlib import Path

from normspec.audit.onnx_graph import Graph, Op, graph_of
from normspec.audit.records import Item, Model, Written, exactly, is_like_a_norm, sequences_to, unknown
from normspec.dialects.entry import Name
from normspec.errors import InvalidInput
from normspec.lint import Node

LARGEST = 2**31
"""Bytes of a message, by the format itself; larger models keep their weights elsewhere."""
OTHER_FORMATS = {b"PK\x03\x04": "a zip archive", b"\x80": "a pickle, and to read it would be to run it", b"\x89HDF": "HDF5"}
STANDARD = ("", "ai.onnx")
ACTIVATIONS = {"Relu", "LeakyRelu", "Sigmoid", "Tanh", "Elu", "Selu", "Gelu", "Softplus", "HardSwish", "PRelu", "Clip"}
LINEAR = {"Conv": ("conv", 1), "ConvTranspose": ("conv", 1), "Gemm": ("dense", -1)}


def read(path: Path) -> Model:
    """Give the normalization layers of an ONNX file.

    Raises
    ------
    InvalidInput
        Where it is none, or not whole, or larger than such a file can be.
    """
    size = path.stat().st_size
    if not 0 < size <= LARGEST:
        raise InvalidInput(f"{path} must have from 1 to {LARGEST} bytes, as an ONNX file has, got {size}")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        other = next((what for magic, what in OTHER_FORMATS.items() if mapped[: len(magic)] == magic), None)
        found = f"got {other}" if other else _graph(mapped)
    if isinstance(found, str):
        raise InvalidInput(f"{path} must be an ONNX file: {found}")
    if not found.opsets or not found.scopes:
        raise InvalidInput(f"{path} must be an ONNX file, got one without a graph or an opset")
    return _model(found)


def _graph(mapped: mmap.mmap) -> Graph | str:
    """Give the graph, or what is wrong with it: an error that went further would hold the file open."""
    try:
        return graph_of(memoryview(mapped))
    except InvalidInput as error:
        return str(error)


def _model(graph: Graph) -> Model:
    items: dict[str, Item] = {f"{k}": _item(op, k, graph) for k, op in enumerate(graph.ops)}
    layers = {key: item for key, item in items.items() if isinstance(item, Written)}
    return Model(framework="onnx", layers=tuple(layers.values()), sequences=tuple(sequences_to(layers, _before(graph), items)))


def _before(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Give the nodes that each takes something of, but constants; none where something else takes that, too."""
    uses = Counter([name for op in graph.ops for name in op.inputs] + graph.outputs)
    made = {(op.scope, name): f"{k}" for k, op in enumerate(graph.ops) if op.type != "Constant" for name in op.outputs if name}
    taken = {f"{k}": [(op.scope, name) for name in op.inputs if (op.scope, name) in made] for k, op in enumerate(graph.ops)}
    return {key: () if any(uses[name] > 1 for _, name in of) else tuple(made[one] for one in of) for key, of in taken.items()}


def _item(op: Op, k: int, graph: Graph) -> Item:
    name = op.name or f"node {k}"
    if op.domain not in STANDARD:
        return (
            unknown(name, f"{op.domain}.{op.type}", "its domain is not that of the standard")
            if is_like_a_norm(op.type)
            else Node(kind="other", name=name)
        )
    if op.type in LINEAR:
        kind, axis = LINEAR[op.type]
        return Node(kind=kind, name=name, bias=len(op.inputs) > 2 and bool(op.inputs[2]), axis=axis)  # type: ignore[arg-type]  # noqa: PLR2004
    if op.type in ACTIVATIONS:
        return Node(kind="activation", name=name, relu=op.type == "Relu")
    return _norm(op, name, graph) if is_like_a_norm(op.type) else Node(kind="other", name=name)


def _norm(op: Op, name: str, graph: Graph) -> Written:
    """Give a normalization layer of the standard in the opset of the file."""
    opset = next((graph.opsets[domain] for domain in STANDARD if domain in graph.opsets), 0)
    native = f"onnx.opset{opset}.{op.type}"
    entries = exactly("onnx", native)
    shape = graph.shapes.get(op.inputs[0]) if op.inputs else None
    if not entries:
        return unknown(name, native, "no dialect has this operator in this opset", shape)
    entry = entries[0]
    known = {*entry.defaults, *entry.fixed, *entry.free, *entry.positional}
    strange = [attribute for attribute in op.attributes if attribute not in known]
    if strange:
        return unknown(name, native, f"it has attributes that it must not have: {', '.join(strange)}", shape)
    given = {i: Name(i) for i, value in zip(entry.positional, op.inputs, strict=False) if value and i in entry.defaults}
    return Written(name=name, native=native, entries=entries, arguments={**given, **op.attributes}, shape=shape)
