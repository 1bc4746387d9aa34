"""Batch norm as torch.compile makes it: evaluate, train, then differentiate the evaluation, which raises an error."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, other, dy = (torch.tensor(rng.normal(2.0, 1.0, size=(5, 3))) for _ in range(3))
layer = torch.compile(torch.nn.BatchNorm1d(3, dtype=torch.float64), dynamic=False)
y = layer.eval()(x)
torch.autograd.grad(y, layer.weight, dy, retain_graph=True)
layer.train()(other)
try:
    torch.autograd.grad(y, layer.weight, dy)
except RuntimeError as error:
    raised = str(error)
print(raised)
assert "modified by an inplace operation" in raised
