"""What every layer on TensorFlow needs: tensors from NumPy and back, and the gradients of one call by tf.GradientTape."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]  # it comes without types

from normspec.records import Array, Pullback, Situation


def taped(call: Callable[[Array], Array], x: Array, variables: Mapping[str, Any]) -> tuple[Array, Pullback]:
    """Give y and its pullback to x and to variables, by our names; frozen variables are watched like the others."""
    leaves = {"x": x, **variables}
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        for leaf in leaves.values():
            tape.watch(leaf)
        y = call(x)
    return y, lambda dy: dict(zip(leaves, tape.gradient(y, list(leaves.values()), output_gradients=dy), strict=True))


def asarray(a: Array, _: Situation) -> Array:
    """Give a NumPy array as a tensor, copied."""
    return tf.constant(a)


def asnumpy(tensor: Array) -> Array:
    """Give a tensor or a variable as a NumPy array."""
    return np.asarray(tensor.numpy())
