"""Liger's Triton kernels as drop-ins: compiled where there is a GPU, else run on the CPU by Triton's interpreter.

`normspec judge liger_kernels:LlamaRMSNorm --like transformers.models.llama.modeling_llama.LlamaRMSNorm`, in this folder.
"""  # noqa: INP001 - a script

import os
import sys
from typing import Any

import torch

INTERPRETED = not torch.cuda.is_available()
if INTERPRETED:
    os.environ["TRITON_INTERPRET"] = "1"  # Triton reads it as it is imported

import triton.language as tl  # noqa: E402
from liger_kernel.ops import LigerGroupNormFunction, LigerLayerNormFunction  # noqa: E402
from liger_kernel.transformers import LigerRMSNorm  # noqa: E402

from normspec import Unsupported  # noqa: E402

if INTERPRETED:
    for name in ("rms_norm", "layer_norm", "group_norm"):  # the interpreter has no functions of libdevice, and its own for rsqrt
        sys.modules[f"liger_kernel.ops.{name}"].rsqrt = lambda x: tl.math.rsqrt(x)  # noqa: PLW0108 - looked up as it is called


LEAST_RANK = 3
"""Of an x that the kernel of group norm takes."""


class Float(float):
    """A number in a kernel: a compiler makes a tensor of it, the interpreter does not, and the kernels call its `to`."""

    def to(self, _: Any) -> "Float":
        """Give itself, which is of no dtype."""
        return self


class LlamaRMSNorm(LigerRMSNorm):
    """Like transformers.models.llama.modeling_llama.LlamaRMSNorm."""

    def __init__(self, hidden_size: int, eps: float = 1e-6) -> None:
        super().__init__(hidden_size, Float(eps), Float(0.0))


class GemmaRMSNorm(LigerRMSNorm):
    """Like transformers.models.gemma.modeling_gemma.GemmaRMSNorm."""

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__(dim, Float(eps), Float(1.0), "gemma", "zeros")


class LayerNorm(torch.nn.LayerNorm):
    """Like torch.nn.LayerNorm."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Launch the kernel, which has a scale and a shift along the last axis, and no way without."""
        if self.weight is None or self.bias is None or len(self.normalized_shape) != 1:
            raise Unsupported("the kernel has a scale and a shift, along the last axis alone")
        return LigerLayerNormFunction.apply(x, self.weight, self.bias, Float(self.eps))


class GroupNorm(torch.nn.GroupNorm):
    """Like torch.nn.GroupNorm."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Launch the kernel, which has a scale and a shift, and takes an x of rank 3 at least."""
        if self.weight is None or self.bias is None or x.ndim < LEAST_RANK:
            raise Unsupported("the kernel has a scale and a shift, and an x of rank 3 or more")
        return LigerGroupNormFunction.apply(x, self.weight, self.bias, self.num_channels, self.num_groups, Float(self.eps))
