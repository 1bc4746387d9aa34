"""Batch norm of bfloat16 x with float32 parameters, and a cotangent that is not contiguous: gradients come from another kernel."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(size=(8, 5, 6, 7))).bfloat16() for _ in range(2))
layer = torch.nn.BatchNorm2d(5)
errors = []
for cotangent in (dy, torch.stack([dy, dy], -1)[..., 0]):
    (dshift,) = torch.autograd.grad(layer(x), [layer.bias], cotangent)
    exact = dy.double().sum((0, 2, 3))
    errors.append(((dshift - exact).abs().max() / exact.abs().max()).item())
print(f"the float32 gradient of bias is off by {errors[1]:.4f} of the largest; where dy is contiguous, by {errors[0]:.1e}")
assert errors[0] < 1e-6
assert errors[1] > 1e-4
