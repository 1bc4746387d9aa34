"""PyTorch's weight norm of a weight without columns gives NaN as the gradient of g, where nothing depends on g."""

import torch

layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(0, 5, bias=False))
layer.weight.sum().backward()
found = layer.parametrizations.weight.original0.grad
print("gradient of g:", found.flatten().tolist(), "and it must be 0")
assert found.isnan().all()
