"""Batch norm of bfloat16 on a CPU moves the running variance in bfloat16: up to three roundings a step instead of one."""

import numpy as np
import torch

x = torch.tensor(np.random.default_rng(0).normal(size=(11, 300))).bfloat16()
layer = torch.nn.BatchNorm1d(300, momentum=0.125, dtype=torch.bfloat16)
with torch.no_grad():
    layer.running_var.copy_(torch.linspace(0.5, 0.9, 300))
exact = 0.875 * layer.running_var.double() + 0.125 * x.double().var(0, correction=1)
layer(x)
roundings = ((layer.running_var.double() - exact).abs() / (2.0**-8 * exact)).max().item()
print(f"the running variance errs by {roundings:.1f} roundings of bfloat16; moved in float32 and rounded once, by at most 1")
assert roundings > 1.2
