"""Group norm of an x that lies channels last, its mean being 1024 deviations: the variance is that of one pass."""

import numpy as np
import torch

x = torch.tensor(np.random.default_rng(0).normal(1024.0, 1.0, size=(8, 6, 16, 16))).float()
groups = x.double().reshape(8, 2, -1)
variance, mean = torch.var_mean(groups, -1, correction=0, keepdim=True)
exact = ((groups - mean) / torch.sqrt(variance + 1e-5)).reshape(x.shape)
errors = []
for given in (x, x.contiguous(memory_format=torch.channels_last)):
    y = torch.nn.functional.group_norm(given, 2)
    errors.append(((y - exact).abs().max() * 2.0**24).item())
print(f"y errs by {errors[1]:.2g} roundings of float32 channels last, by {errors[0]:.2g} otherwise")
assert errors[0] < 1e5
assert errors[1] > 1e6
