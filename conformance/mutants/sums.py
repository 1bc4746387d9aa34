"""Faults of sums: blocks that must divide, lanes of padding that count, one pass, narrow accumulators, numbers of rows beyond 16 bits."""

from typing import Any

import numpy as np

from normspec.conformance.mutants import dividing, plain
from normspec.conformance.mutants.record import STANDARDIZING, mutant
from normspec.conformance.wire import named
from normspec.layers.fields import arrays_of
from normspec.records import Array, Situation

BLOCK = 32
"""Values that one lane group takes at once."""


def count_of(x: Array, axes: tuple[int, ...]) -> int:
    """Give the number of values along these axes."""
    return int(np.prod([x.shape[a] for a in axes]))


def rows_of(x: Array, axes: tuple[int, ...]) -> tuple[Array, list[int]]:
    """Give x with the reduced axes flattened into the first, the others into the second; and the shape of a statistic."""
    kept = [a for a in range(x.ndim) if a not in axes]
    flat = np.transpose(x, (*axes, *kept)).reshape([count_of(x, axes), count_of(x, tuple(kept))])
    return flat, [1 if a in axes else x.shape[a] for a in range(x.ndim)]


def _within_blocks(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    flat, shape = rows_of(x, axes)
    blocks = np.array_split(flat, -(-len(flat) // BLOCK))
    variance = sum(((b - b.mean(axis=0)) ** 2).sum(axis=0) for b in blocks) / x.dtype.type(len(flat))
    return flat.mean(axis=0).reshape(shape), np.asarray(variance).reshape(shape)


def one_pass(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Give the variance as the mean of squares less the squared mean."""
    mean = x.mean(axis=axes, keepdims=True)
    return mean, (x * x).mean(axis=axes, keepdims=True) - mean * mean


PARTED = ("group_norm", "ghost_batch_norm")
"""Layers whose x is looked at by groups, with an axis more: axis 1 of that is not axis 1 of x."""


def _channels_last(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Give the variance of one pass where axis 1 of x is the innermost in memory, as a kernel of its own for that layout may."""
    last = x.ndim > 1 and x.size > 0 and x.strides[1] == x.itemsize and not x.flags.c_contiguous
    return one_pass(x, axes) if last else plain.moments(x, axes)


def _clamped(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    mean, variance = one_pass(x, axes)
    return mean, np.maximum(variance, 0)


def _two_pass(spec: Any, _: Situation) -> bool:
    return getattr(spec, "variance", "two_pass") == "two_pass"


def in_half(dtype: str) -> Any:
    """Give a sum that rounds every partial sum to a dtype of 16 bits."""
    half = named(dtype)

    def total(terms: Array, axes: tuple[int, ...]) -> Array:
        flat, shape = rows_of(terms, axes)
        added = np.zeros(flat.shape[1:], half)
        for row in flat:
            added = (added.astype(np.float32) + row.astype(half).astype(np.float32)).astype(half)
        return added.astype(terms.dtype).reshape(shape)

    return total


def _dscale_in_half(spec: Any, situation: Situation) -> Any:
    kind = plain if spec.layer in STANDARDIZING else dividing
    return kind.with_parts(total=in_half(situation.dtype))(spec, situation)


MUTANTS = (
    mutant(
        "within-blocks-alone",
        "variances of blocks are merged without that of their means",
        "output",
        make=plain.with_parts(moments=_within_blocks),
        layers=STANDARDIZING,
    ),
    mutant(
        "one-pass",
        "the variance is the mean of squares less the squared mean",
        "accuracy",
        "pytorch/pytorch#51102",
        make=plain.with_parts(moments=one_pass),
        where=_two_pass,
        layers=STANDARDIZING,
    ),
    mutant(
        "one-pass-clamped",
        "and is clamped at 0",
        "accuracy",
        "keras-team/keras#18795",
        make=plain.with_parts(moments=_clamped),
        where=_two_pass,
        layers=STANDARDIZING,
    ),
    mutant(
        "one-pass-channels-last",
        "the variance is that of one pass where axis 1 of x is the innermost in memory",
        "accuracy",
        make=plain.with_parts(moments=_channels_last),
        where=_two_pass,
        layers=tuple(layer for layer in STANDARDIZING if layer not in PARTED),
    ),
    mutant(
        "dscale-summed-in-half",
        "the gradient of scale is summed in x's 16 bits",
        "gradient.scale",
        "linkedin/Liger-Kernel#950",
        make=_dscale_in_half,
        where=lambda spec, at: (
            "scale" in arrays_of(spec, at.shape) and at.dtype in ("float16", "bfloat16") and at.parameter_dtype == "float32"
        ),
        dtypes=("bfloat16", "float16"),
        layers=(*STANDARDIZING, "weight_norm"),
    ),
)
"""Faults of reductions."""
