"""Batch norm of 16 bits on a CPU rounds mean, 1 / deviation and the running average's terms to 16 bits before it uses them."""

import numpy as np
import torch

x = torch.tensor(np.random.default_rng(0).normal(2.0, 1.0, size=(11, 300))).half()
layer = torch.nn.BatchNorm1d(300, dtype=torch.float16)
y = layer(x).double()
mean, variance = x.double().mean(0), x.double().var(0, correction=0)
exact = (x.double() - mean) / torch.sqrt(variance + 1e-5)
of_y = ((y - exact).abs() / (2.0**-11 * exact.abs())).max().item()
running = 0.9 * 1 + 0.1 * x.double().var(0, correction=1)
of_running = ((layer.running_var.double() - running).abs() / (2.0**-11 * running)).max().item()
print(f"roundings of float16: y errs by {of_y:.0f}, the running variance by {of_running:.1f}; computed in float32, both err by 1")
assert of_y > 4
assert of_running > 1.2
