"""Faults of blocks, lanes and rows: what must divide, what is padding and counts, what a grid has no place for."""

from typing import Any

import numpy as np

from normspec.conformance.mutants import dividing, plain
from normspec.conformance.mutants.altered import Altered, giving
from normspec.conformance.mutants.record import DIVIDING, STANDARDIZING, mutant
from normspec.conformance.mutants.sums import count_of, rows_of
from normspec.records import Array, Arrays, Situation

BLOCK = 32
"""Values that one lane group takes at once."""
ROWS = 65_535
"""The rows that a grid of 16 bits has."""


def padded(n: int) -> int:
    """Give the power of two that holds n lanes."""
    return 1 << (n - 1).bit_length()


def _lanes_in_variance(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    mean, variance = plain.moments(x, axes)
    n = count_of(x, axes)
    return mean, variance + mean * mean * x.dtype.type((padded(n) - n) / n)


def _over_padded(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    mean = plain.total(x, axes) / x.dtype.type(padded(count_of(x, axes)))
    return mean, ((x - mean) ** 2).mean(axis=axes, keepdims=True)


def _gradient_over_padded(h: Array, normal: Array, axes: tuple[int, ...], n: int) -> Array:
    return plain.gradient(h, normal, axes, padded(n))


def _whole_blocks(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    flat, shape = rows_of(x, axes)
    whole = len(flat) - len(flat) % BLOCK or len(flat)
    mean = flat[:whole].sum(axis=0) / x.dtype.type(len(flat))
    variance = ((flat[:whole] - mean) ** 2).sum(axis=0) / x.dtype.type(len(flat))
    return mean.reshape(shape), variance.reshape(shape)


def _whole_blocks_of_squares(x: Array, axes: tuple[int, ...]) -> Array:
    flat, shape = rows_of(x, axes)
    whole = len(flat) - len(flat) % BLOCK or len(flat)
    return (flat[:whole] ** 2).sum(axis=0).reshape(shape)


def _rows_missing(layer: Altered, inputs: Arrays, y: Array) -> Array:
    del inputs
    axes = layer.spec.geometry(y.shape).axes
    flat, _ = rows_of(np.arange(y.size).reshape(layer.spec.geometry(y.shape).view), axes)
    out = y.copy().reshape(-1)
    out[flat[:, ROWS:]] = 0
    return out.reshape(y.shape)


def _tail_as_it_is(_: Altered, inputs: Arrays, y: Array) -> Array:
    x = inputs["x"]
    tail = x.shape[-1] % 4
    out = y.copy()
    if tail and x.shape[-1] > 4:  # noqa: PLR2004 - the width of a vector
        out[..., -tail:] = x[..., -tail:]
    return out


def _more_than_rows(spec: Any, at: Situation) -> bool:
    return bool(int(np.prod(at.shape)) // max(spec.geometry(at.shape).n, 1) > ROWS)


MUTANTS = (
    mutant(
        "lanes-in-the-variance",
        "lanes of padding, up to a power of two, count in the variance as values of 0",
        "output",
        "linkedin/Liger-Kernel#519",
        make=plain.with_parts(moments=_lanes_in_variance),
        layers=STANDARDIZING,
    ),
    mutant(
        "mean-over-padded",
        "the mean is taken over the padded width",
        "output",
        make=plain.with_parts(moments=_over_padded),
        layers=STANDARDIZING,
    ),
    mutant(
        "gradient-over-padded",
        "the gradient's means are taken over the padded width",
        "gradient.x",
        "linkedin/Liger-Kernel#518",
        make=plain.with_parts(gradient=_gradient_over_padded),
        layers=STANDARDIZING,
    ),
    mutant(
        "remainder-of-blocks",
        "what remains of whole blocks of 32 is not summed",
        "output",
        make=plain.with_parts(moments=_whole_blocks),
        layers=STANDARDIZING,
    ),
    mutant(
        "remainder-of-squares",
        "what remains of whole blocks of 32 squares is not summed",
        "output",
        make=dividing.with_parts(squares=_whole_blocks_of_squares),
        layers=DIVIDING,
    ),
    mutant(
        "rows-beyond-16-bits",
        "rows beyond 65535 are not written",
        "output",
        "pytorch/pytorch#181555",
        make=giving(_rows_missing),
        where=_more_than_rows,
        layers=("layer_norm", "rms_norm", "lp_norm", "instance_norm", "group_norm"),
    ),
    mutant("tail-as-it-is", "what remains of vectors of 4 along the last axis is x", "output", make=giving(_tail_as_it_is)),
)
"""Faults of widths."""
