"""The RMS norms of Llama and T5 in Transformers, of x near 1e17: the third power of 1 / RMS underflows, and dx loses a part of it."""

import torch
from transformers.models.llama.modeling_llama import LlamaRMSNorm
from transformers.models.t5.modeling_t5 import T5LayerNorm

torch.manual_seed(0)
x, dy, size = 3e17 + 1e17 * torch.randn(5, 7), torch.randn(5, 7), 2.0**56
for layer in (LlamaRMSNorm(7, eps=1e-30), T5LayerNorm(7, eps=1e-30)):
    leaves = [a.requires_grad_() for a in (x.clone(), x / size)]
    huge, usual = (torch.autograd.grad(layer(leaf), leaf, dy)[0].double() for leaf in leaves)
    off = (huge - usual / size).abs().max() / (usual / size).abs().max()
    print(f"{type(layer).__name__}: dx is off by {off:.2g} of the largest, {(usual / size).abs().max():.2g}, that x / 2**56 gives")
    assert off > 0.1
