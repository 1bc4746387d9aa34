"""Figures on axes: over which a layer's statistics are, and what it makes of an x laid out otherwise. Each gives a table in Markdown."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sections.tables import table

import normspec
from normspec.reference import batch_norm, layer_norm

LENGTHS = {"N": 8, "H": 5, "W": 4, "C": 6}
"""All different, so that no axis passes for another."""
LAYOUTS = ("NCHW", "NHWC")
CALLS = (
    ("NCHW", "torch.nn.BatchNorm2d(6)"),
    ("NHWC", "keras.layers.BatchNormalization()"),
    ("NCHW", "torch.nn.GroupNorm(1, 6)"),
    ("NHWC", "keras.layers.GroupNormalization(groups=1)"),
    ("NCHW", "torch.nn.LayerNorm((6, 5, 4))"),
    ("NCHW", "torch.nn.LayerNorm(4)"),
    ("NHWC", "keras.layers.LayerNormalization()"),
    ("NHWC", "keras.layers.LayerNormalization(axis=(1, 2, 3))"),
    ("NHWC", "flax.nnx.LayerNorm(6)"),
    ("NHWC", "flax.nnx.LayerNorm(6, reduction_axes=(1, 2, 3))"),
    ("NHWC", "haiku.LayerNorm((1, 2, 3), True, True)"),
    ("NHWC", "mlx.nn.LayerNorm(6)"),
    ("NCHW", "tinygrad.nn.LayerNorm2d(6)"),
    ("NCHW", "onnx.opset17.LayerNormalization(axis=1)"),
)
CUBE = 6
"""The length of channels, height and width where no layer can notice that they are mixed up."""


def lain() -> str:
    """Give over which axes of an image calls take their statistics, how many there are of how many values, and where scale lies."""
    rows = []
    for layout, call in CALLS:
        shape = tuple(LENGTHS[a] for a in layout)
        at = normspec.read(call, rank=len(shape)).geometry(shape)
        axes = _letters(layout, at.view, at.axes)
        values = int(np.prod(shape))
        rows.append((f"`{call}`", layout, axes, f"{values // at.n}", f"{at.n}", f"{_letters(layout, at.view, at.lie)}: {_by(at.owned)}"))
    return table(("call", "x", "statistics over", "statistics", "values of each", "scale lies along"), rows)


def _letters(layout: str, view: tuple[int, ...], axes: tuple[int, ...]) -> str:
    """Give the letters of axes; groups stand before their channels, and one group is all channels."""
    letters = layout if len(view) == len(layout) else layout.replace("C", "GC")
    return ", ".join(letters[a] for a in axes if letters[a] != "G")


def _by(shape: tuple[int, ...]) -> str:
    return " by ".join(str(n) for n in shape if n > 1)


def mixed_up() -> str:
    """Give what layers make of an image whose channels lie on another axis, all lengths being equal."""
    rng = np.random.default_rng(0)
    levels, sizes = rng.normal(size=CUBE), rng.uniform(0.5, 2, CUBE)
    x = levels + sizes * rng.normal(size=(LENGTHS["N"], CUBE, CUBE, CUBE))
    rows = []
    for name, taken in _taken():
        right, wrong = taken(x, 3), taken(x, 1)
        for layout, y in (("where they are", right), ("on axis 1", wrong)):
            off = np.max(np.abs(y - right))
            found = (np.max(np.abs(y.mean((0, 1, 2)))), np.min(y.std((0, 1, 2))), np.max(y.std((0, 1, 2))))
            rows.append((name, layout, *(f"{value:.2f}" for value in found), f"{off:.2f}" if off else "none"))
    head = ("layer", "takes channels", "largest mean of a channel of y", "least deviation", "largest deviation", "y off by at most")
    return table(head, rows)


def _taken() -> Iterator[tuple[str, Any]]:
    """Give layers as functions of an x and of the axis that they take for that of the channels."""
    yield "batch norm", lambda x, axis: batch_norm(x, mode="train", channel_axes=(axis,), epsilon=1e-5)[0]
    yield "layer norm over channels", lambda x, axis: layer_norm(x, axes=(axis,), parameter_axes=(axis,), epsilon=1e-5)[0]
