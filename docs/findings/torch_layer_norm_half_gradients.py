"""Layer norm of 16 bits on a CPU adds up the gradients of weight and bias in 16 bits, and takes that of x from rounded statistics."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(loc=3.0, size=(4096, 7))).half().requires_grad_() for _ in range(2))
layer = torch.nn.LayerNorm(7, dtype=torch.float16)
dx, dbias = torch.autograd.grad(layer(x), [x, layer.bias], dy)

wide = x.detach().double().requires_grad_()
exact_dx = torch.autograd.grad(torch.nn.functional.layer_norm(wide, (7,)), wide, dy.detach().double())[0]
exact_dbias = dy.detach().double().sum(0)
of_dx = ((dx - exact_dx).abs().max() / (2.0**-11 * exact_dx.abs().max())).item()
of_dbias = ((dbias - exact_dbias).abs() / (2.0**-11 * exact_dbias.abs())).max().item()
print(f"roundings of float16: the gradient of x errs by {of_dx:.0f}, that of bias by {of_dbias:.0f}; computed in float32, each by 1")
assert of_dx > 4
assert of_dbias > 4
