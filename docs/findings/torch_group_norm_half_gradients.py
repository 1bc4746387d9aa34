"""Group norm of 16 bits on a CPU gives a right y, and gradients of x and weight from a mean and 1 / deviation rounded to 16 bits."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(3.0, 1.0, size=(5, 6, 7))).half().requires_grad_() for _ in range(2))
layer = torch.nn.GroupNorm(3, 6, dtype=torch.float16)
got = (y := layer(x), *torch.autograd.grad(y, [x, layer.weight], dy))

wide = x.detach().double().requires_grad_()
same = torch.nn.GroupNorm(3, 6, dtype=torch.float64)
exact = (y := same(wide), *torch.autograd.grad(y, [wide, same.weight], dy.detach().double()))
of_y, of_dx, of_dweight = (((a - e).abs().max() / (2.0**-11 * e.abs().max())).item() for a, e in zip(got, exact, strict=True))
print(f"roundings of float16: y errs by {of_y:.1f}, the gradient of x by {of_dx:.1f}, that of weight by {of_dweight:.1f}")
assert of_y <= 1
assert of_dx > 2
assert of_dweight > 2
