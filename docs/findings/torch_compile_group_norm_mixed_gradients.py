"""Group norm of 16-bit x with float32 parameters, as torch.compile makes it on a CPU: gradients of statistics rounded to 16 bits."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(3.0, 1.7, size=(5, 6, 7))).bfloat16() for _ in range(2))
layer = torch.nn.GroupNorm(2, 6)
made = (layer, torch.compile(layer, dynamic=False))
eager, compiled = (torch.autograd.grad(each(x), layer.weight, dy)[0] for each in made)
wide = torch.ones(6, dtype=torch.float64, requires_grad=True)
exact = torch.autograd.grad(torch.nn.functional.group_norm(x.double(), 2, wide), wide, dy.double())[0]
errors = [((got - exact).abs().max() / (2.0**-24 * exact.abs().max())).item() for got in (eager, compiled)]
print(f"the float32 gradient of weight errs by {errors[1]:.0f} roundings compiled, and by {errors[0]:.0f} otherwise")
assert errors[0] < 64
assert errors[1] > 1000
