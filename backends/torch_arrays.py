"""Tensors from NumPy's arrays and back, bit by bit."""

import numpy as np
import torch

from normspec.records import Array, Layout, Situation

LAYOUTS: tuple[Layout, ...] = ("strided", "offset", "permuted", "expanded")
"""The layouts that tensors have: strides are not negative, and nothing is read-only."""


def asarray(a: Array, situation: Situation) -> torch.Tensor:
    """Give a NumPy array as a tensor with the same bits; bfloat16 goes by int16, as NumPy has no such dtype of its own."""
    a = np.array(a)  # a copy of ours, so that nothing the layer does reaches the caller's
    tensor = torch.from_numpy(a.view(np.int16)).view(torch.bfloat16) if a.dtype.name == "bfloat16" else torch.from_numpy(a)
    return tensor.to(situation.device)


def asnumpy(tensor: torch.Tensor) -> Array:
    """Give a tensor as a NumPy array with the same bits."""
    tensor = tensor.detach().cpu()
    if tensor.dtype != torch.bfloat16:
        return tensor.numpy()
    import ml_dtypes  # noqa: PLC0415 - needed for bfloat16 only

    return tensor.contiguous().view(torch.int16).numpy().view(ml_dtypes.bfloat16)
