"""Layer norm of a 16-bit x with a float32 bias and no weight gives y, and raises an error where its gradients are asked for."""

import numpy as np
import torch

x = torch.tensor(np.random.default_rng(0).normal(size=(5, 7))).half().requires_grad_()
bias = torch.zeros(7, requires_grad=True)
y = torch.nn.functional.layer_norm(x, (7,), None, bias)
try:
    y.sum().backward()
except RuntimeError as error:
    print(f"the gradient of bias: {str(error).splitlines()[0]}; must be 5 everywhere")
assert bias.grad is None
