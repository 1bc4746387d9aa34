"""What every layer on TensorFlow needs: tensors from NumPy and back, and the gradients of one call by tf.GradientTape."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]  # it comes without types

from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Pullback, Situation


def taped(call: Callable[[Array], Array], x: Array, variables: Mapping[str, Any]) -> tuple[Array, Pullback]:
    """Give y and its pullback to x and to variables, by our names; frozen variables are watched like the others."""
    leaves = {"x": x, **variables}
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        for leaf in leaves.values():
            tape.watch(leaf)
        y = call(x)
    return y, lambda dy: dict(zip(leaves, tape.gradient(y, list(leaves.values()), output_gradients=dy), strict=True))


def tangents(call: Callable[[Array], Array], x: Array, scale: Mapping[str, Any], dy: Array, direction: Array) -> Arrays:
    """Give the derivatives of y and of the cotangents of x and scale along a direction of x, forward over what the tape records.

    Raises
    ------
    Unsupported
        Where an operation's gradient has no gradient.
    """
    try:
        with tf.autodiff.ForwardAccumulator(x, direction) as along:
            y, pullback = taped(call, x, scale)
            shown = {"y": y, **pullback(dy)}
    except LookupError as reason:
        raise Unsupported(str(reason)) from None
    return {name: along.jvp(a, unconnected_gradients=tf.UnconnectedGradients.ZERO) for name, a in shown.items()}


def asarray(a: Array, _: Situation) -> Array:
    """Give a NumPy array as a tensor, copied."""
    return tf.constant(a)


def asnumpy(tensor: Array) -> Array:
    """Give a tensor or a variable as a NumPy array."""
    return np.asarray(tensor.numpy())
