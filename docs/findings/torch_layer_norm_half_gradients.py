"""Layer norm of 16 bits on a CPU adds up the gradients of weight and bias in 16 bits: they err by many roundings."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(size=(4096, 7))).half() for _ in range(2))
layer = torch.nn.LayerNorm(7, dtype=torch.float16)
got = torch.autograd.grad(layer(x), layer.bias, dy)[0].double()
exact = dy.double().sum(0)
roundings = ((got - exact).abs() / (2.0**-11 * exact.abs())).max().item()
print(f"the gradient of bias errs by {roundings:.0f} roundings of float16; adding in float32 and rounding once errs by 1")
assert roundings > 4
