"""Layer norm of 16-bit x with float32 parameters, on a CPU: their float32 gradients are added up in 16 bits."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(size=(4096, 7))).half() for _ in range(2))
layer = torch.nn.LayerNorm(7, dtype=torch.float32)
got = torch.autograd.grad(layer(x), layer.bias, dy)[0]
exact = dy.double().sum(0)
print(f"dtype {got.dtype}; is {got[6].item():.4f}, must be {exact[6].item():.4f}")
assert got.dtype == torch.float32
assert (got.double() - exact).abs().max() > 1e-3 * dy.double().abs().sum(0).max() * 2.0**-11 * 10
