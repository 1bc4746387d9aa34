"""Derivatives along a direction of x on PyTorch: of y in forward mode, of the cotangents by differentiating them backwards again."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.autograd import forward_ad, grad

from normspec.records import Array, Arrays

Call = Callable[[Array], Array]
"""From x to y."""

ONCE = ("does not currently support double backward", "requires create_graph=False")
"""What torch.compile says of what it makes, which is differentiated once."""


def tangents(call: Call, x: Array, scale: Mapping[str, Any], dy: Array, direction: Array) -> Arrays:
    """Give the derivatives of y and of the cotangents of x and, where there is one, of scale; for what PyTorch has not, the reason."""
    return {"y": _forward(call, x, direction), **_backward(call, x, scale, dy, direction)}


def _forward(call: Call, x: Array, direction: Array) -> Any:
    try:
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(x.detach(), direction)  # type: ignore[no-untyped-call]  # PyTorch's own
            y, tangent = forward_ad.unpack_dual(call(dual))  # type: ignore[no-untyped-call]  # likewise
    except NotImplementedError as reason:  # so it says of what has no forward mode
        return str(reason)
    return torch.zeros_like(y) if tangent is None else tangent.detach()


def _backward(call: Call, x: Array, scale: Mapping[str, Any], dy: Array, direction: Array) -> Arrays:
    """Give the derivatives of the inner product of dx and the direction: the order of differentiation is no matter."""
    leaf = x.detach().requires_grad_()
    by = {"x": leaf, **{name: a.requires_grad_() for name, a in scale.items()}}  # that of a frozen layer, too
    try:
        (dx,) = grad(call(leaf), leaf, dy, create_graph=True)
        found = grad(dx, list(by.values()), direction, allow_unused=True) if dx.requires_grad else [None] * len(by)
    except RuntimeError as reason:
        if not any(text in str(reason) for text in ONCE):
            raise
        return dict.fromkeys(by, str(reason))
    return {name: torch.zeros_like(a) if d is None else d for (name, a), d in zip(by.items(), found, strict=True)}
