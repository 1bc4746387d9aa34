"""Evaluate, train, then differentiate the evaluation: its gradient is that of statistics it never saw, and no error says so."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, other, dy = (torch.tensor(rng.normal(2.0, 1.0, size=(5, 3))) for _ in range(3))
layer = torch.nn.BatchNorm1d(3, dtype=torch.float64).eval()
y = layer(x)
must = torch.autograd.grad(y, layer.weight, dy, retain_graph=True)[0]
layer.train()(other)
got = torch.autograd.grad(y, layer.weight, dy)[0]
print(
    f"the gradient of weight is {[round(v, 2) for v in got.tolist()]}, was {[round(v, 2) for v in must.tolist()]} before the training step"
)
assert (got - must).abs().max() > 0.01
