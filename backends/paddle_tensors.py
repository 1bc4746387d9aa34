"""Paddle's tensors from NumPy's arrays and back, bit by bit, and what is differentiated of a call."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import ml_dtypes
import numpy as np

from normspec.records import Array, Arrays, Pullback, Situation

paddle: Any = import_module("paddle")
"""Any, for its types are known in an environment of its own alone."""
Shapes = Mapping[str, tuple[int, ...]]
"""Ours of what a layer owns, by name."""
ONCE = ("have any grad op", "is_test == false")
"""What Paddle says of operations that are differentiated once; batch norm's second gradient is of training alone."""
FORWARD = "Paddle has no forward mode: paddle.incubate.autograd.jvp is made of second gradients, of which it leaves some out"


def asarray(a: Array, _: Situation) -> Array:
    """Give a NumPy array as a tensor, copied. Paddle takes no bfloat16 as such."""
    a = np.ascontiguousarray(a).reshape(a.shape)
    return paddle.to_tensor(a.view(np.int16)).view(paddle.bfloat16) if a.dtype == ml_dtypes.bfloat16 else paddle.to_tensor(a)


def asnumpy(tensor: Array) -> Array:
    """Give a tensor as an array of NumPy; one of bfloat16 comes as integers of 16 bits."""
    found = tensor.detach().numpy()
    return found.view(ml_dtypes.bfloat16) if tensor.dtype == paddle.bfloat16 else found


def pullback(y: Array, leaves: Arrays, shapes: Shapes) -> Pullback:
    """Give the function from the cotangent of y to those of leaves, in our shapes; of which Paddle gives none, there is none."""

    def found(dy: Array) -> Arrays:
        gradients = paddle.grad([y], list(leaves.values()), grad_outputs=[dy], retain_graph=True, allow_unused=True)
        shown = {name: g for name, g in zip(leaves, gradients, strict=True) if g is not None}
        return {name: g.reshape(shapes.get(name, g.shape)) for name, g in shown.items()}

    return found


def tangents(call: Callable[[Array], Array], leaves: Arrays, dy: Array, direction: Array, shapes: Shapes) -> Arrays:
    """Give the derivatives of the cotangents of x and scale along a direction of x; for what Paddle has not, the reason.

    The inner product of dx and the direction is differentiated: the order is no matter. That is asked for by all that dx is made of, for
    Paddle's second gradients fail where some of it is left out.
    """
    by = {**leaves, "dy": dy.clone()}
    by["dy"].stop_gradient = False
    own = {name: leaf for name, leaf in by.items() if name in ("x", "scale")}
    try:
        (dx,) = paddle.grad([call(leaves["x"])], [leaves["x"]], grad_outputs=[by["dy"]], create_graph=True)
        second: list[Any] = [None] * len(by)
        if not dx.stop_gradient:
            second = paddle.grad([dx], list(by.values()), grad_outputs=[direction], allow_unused=True)
    except (RuntimeError, ValueError) as reason:
        if not any(text in str(reason) for text in ONCE):
            raise
        said = f"is differentiated once in this mode: {str(reason).strip().splitlines()[-1]}"
        return {"y": FORWARD, **dict.fromkeys(own, said)}
    of = dict(zip(by, second, strict=True))
    found = {name: paddle.zeros_like(leaf) if of[name] is None else of[name] for name, leaf in own.items()}
    return {"y": FORWARD, **{name: a.reshape(shapes.get(name, a.shape)) for name, a in found.items()}}
