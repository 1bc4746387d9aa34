"""Instance norm of 16 bits on a CPU rounds every sample's share in the gradient of bias to 16 bits before it adds them up."""

import numpy as np
import torch

dy = torch.tensor(np.array([[[1000.0, 0.2]], [[-1000.0, 0.1]]])).half()
x = torch.tensor(np.random.default_rng(0).normal(size=dy.shape)).half()
layer = torch.nn.InstanceNorm1d(1, affine=True, dtype=torch.float16)
got = torch.autograd.grad(layer(x), layer.bias, dy)[0].item()
exact = dy.double().sum().item()
print(f"the gradient of bias is {got:.4f}, must be {exact:.4f}: the sum of dy")
assert abs(got - exact) > 0.1
