"""Layer norm of 16-bit x with float32 parameters, as torch.compile makes it on a CPU: gradients of statistics rounded to 16 bits."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(size=(64, 7))).bfloat16() for _ in range(2))
x.requires_grad_()
layer = torch.nn.LayerNorm(7)
made = (layer, torch.compile(layer, dynamic=False))
eager, compiled = (torch.autograd.grad(each(x), x, dy)[0].double() for each in made)
wide = x.detach().double().requires_grad_()
exact = torch.autograd.grad(torch.nn.functional.layer_norm(wide, (7,)), wide, dy.double())[0]
errors = [((got - exact).abs() / (2.0**-9 * exact.abs())).max().item() for got in (eager, compiled)]
print(f"the bfloat16 gradient of x errs by {errors[1]:.0f} roundings compiled, and by {errors[0]:.0f} otherwise")
assert errors[0] < 4
assert errors[1] > 16
