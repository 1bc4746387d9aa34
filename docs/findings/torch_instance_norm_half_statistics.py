"""Instance norm of 16 bits on a CPU rounds every mean and 1 / deviation to 16 bits before it uses them: y errs by many roundings."""

import numpy as np
import torch

x = torch.tensor(np.random.default_rng(0).normal(2.0, 1.0, size=(5, 3, 7))).half()
y = torch.nn.InstanceNorm1d(3)(x).double()
wide = x.double()
exact = (wide - wide.mean(2, keepdim=True)) / torch.sqrt(wide.var(2, correction=0, keepdim=True) + 1e-5)
roundings = ((y - exact).abs() / (2.0**-11 * exact.abs())).max().item()
print(f"y errs by {roundings:.0f} roundings of float16; computing in float32 and rounding once errs by 1")
assert roundings > 4
