"""TensorFlow's layer normalization: `batch_normalization` over moments of each sample."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.tensorflow.common import of_moments, over, over_moments, written
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], situation: Situation) -> LayerNorm:
    """Give what batch_normalization means where x's moments are taken over its axes and not over the batch."""
    return LayerNorm(axes=over(a), parameter_axes=over(a), **of_moments(a, situation))


def write(s: LayerNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of batch_normalization."""
    return written(s, s.axes)


ENTRIES = (over_moments("layer_norm", read, write),)
