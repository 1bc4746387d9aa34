"""Flash Linear Attention's Triton kernels as drop-ins: compiled where there is a GPU, else run on the CPU by Triton's interpreter.

`normspec judge fla_kernels:RMSNorm --like torch.nn.RMSNorm`, in this folder.
"""  # noqa: INP001 - a script

import os

import torch

INTERPRETED = not torch.cuda.is_available()
if INTERPRETED:
    os.environ["TRITON_INTERPRET"] = "1"  # Triton reads it as it is imported

import fla.modules.norm.layernorm as kernels  # noqa: E402
from triton.runtime.autotuner import Autotuner, Heuristics  # noqa: E402

from normspec import Unsupported  # noqa: E402

if INTERPRETED:  # there is no device to count processors of, nor anything to tune: each kernel runs as it is configured first
    kernels.get_multiprocessor_count = lambda *_: 1
    for kernel in list(vars(kernels).values()):
        while isinstance(kernel, (Autotuner, Heuristics)):
            if isinstance(kernel, Autotuner):
                kernel.configs = kernel.configs[:1]
            kernel = kernel.fn  # noqa: PLW2901 - what is tuned lies within


class RMSNorm(torch.nn.RMSNorm):
    """Like torch.nn.RMSNorm."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Launch the kernel."""
        along_the_last_axis(self.normalized_shape)
        eps = torch.finfo(x.dtype).eps if self.eps is None else self.eps
        return kernels.rms_norm(x, self.weight, None, eps=eps)


class LayerNorm(torch.nn.LayerNorm):
    """Like torch.nn.LayerNorm."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Launch the kernel."""
        along_the_last_axis(self.normalized_shape)
        return kernels.layer_norm(x, self.weight, self.bias, eps=self.eps)


def along_the_last_axis(shape: tuple[int, ...]) -> None:
    """Refuse what the kernel has no way to say."""
    if len(shape) != 1:
        raise Unsupported("the kernel takes statistics along the last axis alone")
