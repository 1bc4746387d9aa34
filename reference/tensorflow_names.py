"""A namespace for TensorFlow's tensors, eager or inside `tf.function`, as small as `names.py` allows: the library has no standard one.

Its operations mix no dtypes and promote none: what meets here has been cast before. Shapes must be known when a function is traced.
"""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf  # type: ignore[import-untyped]  # it comes without types
from tensorflow import abs, concat, reshape, sqrt, tanh, where, zeros_like  # noqa: A004, F401 - the standard's names
from tensorflow import cast as astype  # noqa: F401 - likewise
from tensorflow import transpose as permute_dims  # noqa: F401 - likewise
from tensorflow.math import expm1, log1p  # type: ignore[import-untyped]  # noqa: F401 - likewise

from normspec.dtypes import promote
from normspec.records import Array

float16, bfloat16, float32, float64 = tf.float16, tf.bfloat16, tf.float32, tf.float64


def asarray(a: Any, *, device: str) -> Array:
    """Give a NumPy array as a tensor on a device."""
    with tf.device(device):
        return tf.constant(a)


def sum(x: Array, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Array:  # noqa: A001 - the standard's name
    """Give the sum of x over an axis."""
    return tf.reduce_sum(x, axis=axis, keepdims=keepdims)


def result_type(*dtypes: Any) -> Any:
    """Give the floating dtype that holds all of these."""
    return tf.as_dtype(promote(*(dtype.name for dtype in dtypes)))
