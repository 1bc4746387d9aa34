"""An audit: every normalization layer of a model in neutral terms, its hazards, and where another framework's defaults differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from math import lcm
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from normspec.audit import keras_config, live, onnx_file
from normspec.audit.readings import Readings
from normspec.audit.records import Model, Written
from normspec.clauses import differences
from normspec.dialects import entries
from normspec.errors import InvalidInput, NormspecError, NotFound
from normspec.explanation.influence import decided
from normspec.lint import Hazard, Node, lint
from normspec.normal import normal
from normspec.translation.bare import bare, usual
from normspec.translation.situated import Reading

FILES = {".onnx": onnx_file.read, ".keras": keras_config.read}
"""What reads a file, by the end of its name."""
MOST = 10_000
"""Normalization layers of a model."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The fields in which a framework's layer, by its defaults, is another: path, what it is here, and what there.

    Where there is none to compare with, `reason` says why.
    """

    native: str = ""
    fields: tuple[tuple[str, Any, Any], ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """One normalization layer: its name in the model, the native call, what it means, and its hazards.

    `read` is None where it is not known what it means, and `reason` says why. `difference` is there where a framework was asked for.
    """

    name: str
    call: str
    read: Reading | None = None
    reason: str = ""
    hazards: tuple[Hazard, ...] = ()
    difference: Difference | None = None


def audit(model: Any, *, to: str | None = None, steps: int | None = None) -> tuple[Row, ...]:
    """Give a row for each normalization layer of a model.

    Parameters
    ----------
    model
        A live model of PyTorch, Keras or Flax (nnx); or a file, `.onnx` or `.keras`, or `module:object` as text.
    to
        A framework, whose defaults are compared.
    steps
        The steps of training, if they are known: then running statistics that these leave far from their limit are told.

    Raises
    ------
    InvalidInput
        Where a file cannot be read.
    NotFound
        Where there is no such model or framework.
    """
    if to is not None:
        entries(to.partition(":")[0])
    found = model_of(model) if isinstance(model, str | Path) else live.read(model)
    if len(found.layers) > MOST:
        raise InvalidInput(f"model must have at most {MOST} normalization layers, got {len(found.layers)}")
    read = Readings(found)
    hazards = _hazards(found, read, steps)
    return tuple(_row(layer, read, hazards.get(id(layer), ()), to) for layer in found.layers)


def model_of(name: str | Path) -> Model:
    """Give the model in a file, or of an object that a module has, or that its function gives."""
    path = Path(name)
    if path.suffix in FILES:
        if not path.is_file():
            raise NotFound(f"model must be a file that is there, got {name}")
        return FILES[path.suffix](path)
    head, _, tail = str(name).partition(":")
    if path.is_file() or not tail or not _importable(head):
        raise NotFound(f"model must be module:object of an importable module, or a file {' or '.join(FILES)}, got {name}")
    try:
        found = resolve_name(str(name))
    except AttributeError as error:
        raise NotFound(f"{head} must have {tail}: {error}") from error
    return live.read(found() if _makes(found) else found)


def _importable(module: str) -> bool:
    return all(part.isidentifier() for part in module.split(".")) and find_spec(module.partition(".")[0]) is not None


def _makes(found: Any) -> bool:
    """Tell whether an object makes a model, and is none."""
    return callable(found) and not any(live.is_model(found, framework) for framework in live.READERS)


def _hazards(model: Model, read: Readings, steps: int | None) -> dict[int, tuple[Hazard, ...]]:
    """Give the hazards at each layer; that of a bias stands at the layer behind it."""
    found: dict[int, dict[Hazard, None]] = {}
    placed = {id(item) for sequence in model.sequences for item in sequence}
    alone = [(layer,) for layer in model.layers if id(layer) not in placed]
    for sequence in (*model.sequences, *alone):
        nodes = [read.node(item, str(k)) for k, item in enumerate(sequence)]
        for hazard in _linted(nodes, steps):
            at = int(hazard.name)
            norm = sequence[at + (hazard.kind == "redundant-bias")]
            found.setdefault(id(norm), {})[replace(hazard, name=sequence[at].name)] = None
    return {key: tuple(of) for key, of in found.items()}


def _linted(nodes: Sequence[Node], steps: int | None) -> tuple[Hazard, ...]:
    """Give the hazards of a sequence; none where shapes that a file tells do not go together, which is no hazard of a layer."""
    try:
        return lint(nodes, steps=steps)
    except InvalidInput:
        return ()


def _row(layer: Written, read: Readings, hazards: tuple[Hazard, ...], to: str | None) -> Row:
    found = read.of(layer)
    if isinstance(found, str):
        return Row(name=layer.name, call=layer.native, reason=found)
    difference = None if to is None else _difference(found, to)
    return Row(name=layer.name, call=call_of(found, found.arguments), read=found, hazards=hazards, difference=difference)


def call_of(read: Reading, arguments: Mapping[str, Any]) -> str:
    """Give the native call, without what can have no other value."""
    fixed = read.entry.fixed
    return read.entry.call({name: value for name, value in arguments.items() if name not in fixed or value != fixed[name]})


def _difference(read: Reading, to: str) -> Difference:
    """Compare with the layer of a framework by its defaults, in all fields but those that must be given there."""
    rank = len(read.situation.shape)
    try:
        entry = usual(to, read.spec.layer, rank)
        there = bare(entry, rank)
    except NormspecError as reason:
        return Difference(reason=str(reason))
    at = replace(read.situation, shape=tuple(map(lcm, read.situation.shape, there.situation.shape)))
    given = {path for name in there.arguments for path in decided(entry, name)}
    fields = (row for row in differences(normal(read.spec, at), normal(there.spec, at)) if row[0] not in given)
    return Difference(native=entry.native, fields=tuple(fields))
