"""What the layers of a model mean, and what is looked at for hazards."""

from dataclasses import replace
from itertools import pairwise

from normspec.audit.records import Item, Model, Shape, Written
from normspec.errors import NormspecError
from normspec.lint import Node
from normspec.translation.layout import parameter_axes
from normspec.translation.reading import reading_of
from normspec.translation.situated import Reading

FLAT = 2
"""The rank of what a dense layer gives to batch norm, unless something else is known."""


class Readings:
    """What the layers of a model mean, each that is written alike read once."""

    def __init__(self, model: Model) -> None:
        """Begin, with the layers that lie behind a dense one."""
        pairs = (pair for sequence in model.sequences for pair in pairwise(sequence))
        self.flat = {id(b) for a, b in pairs if isinstance(a, Node) and a.kind == "dense"}
        self.known: dict[str, Reading | str] = {}

    def of(self, layer: Written) -> Reading | str:
        """Give what a layer means, or why that is not known."""
        if not layer.entries:
            return layer.reason
        rank = self._rank(layer)
        key = f"{layer.native} {layer.arguments} {rank}"
        if key not in self.known:
            try:
                self.known[key] = reading_of(layer.entries, layer.arguments, rank=rank)
            except NormspecError as reason:
                self.known[key] = str(reason)
        return self.known[key]

    def _rank(self, layer: Written) -> int | None:
        """Give the rank of a layer's x, as far as it is known, or can be told."""
        if layer.shape is not None:
            return len(layer.shape)
        flat = id(layer) in self.flat and layer.entries[0].layer == "batch_norm"
        return FLAT if flat and any(FLAT in entry.ranks for entry in layer.entries) else None

    def node(self, item: Item, name: str) -> Node:
        """Give an item of a sequence to look for hazards at."""
        if isinstance(item, Node):
            return replace(item, name=name)
        read = self.of(item)
        if isinstance(read, str):
            return Node(kind="other", name=name)
        return Node(kind="norm", name=name, spec=read.spec, shape=item.shape or _shape(read))


def _shape(read: Reading) -> Shape:
    """Give the shape of x as far as the layer's arguments tell it: along its parameters, if anywhere."""
    lengths = read.situation.shape
    axes = parameter_axes(read.spec.at_rank(len(lengths))) if read.sized else ()
    return tuple(n if a in axes else None for a, n in enumerate(lengths))
