"""Group norm with a bias and no weight gives y, and raises an error where its gradients are asked for."""

import numpy as np
import torch

x = torch.tensor(np.random.default_rng(0).normal(size=(5, 6, 7)))
bias = torch.zeros(6, dtype=torch.float64, requires_grad=True)
y = torch.nn.functional.group_norm(x, 3, None, bias)
try:
    y.sum().backward()
except RuntimeError as error:
    print(f"the gradient of bias: {str(error).splitlines()[0]}; must be 35 everywhere")
assert bias.grad is None
