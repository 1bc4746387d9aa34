"""Batch norm of an x of two axes, with a weight that is every second number of a larger array: the gradient of x reads all of them."""

import numpy as np
import torch

rng = np.random.default_rng(0)
x, dy = (torch.tensor(rng.normal(size=(11, 3))) for _ in range(2))
weight = torch.tensor([0.5, 7.0, 0.5, 7.0, 0.5, 7.0], dtype=torch.float64)[::2]
gradients = []
for given in (weight, weight.contiguous()):
    leaf = x.clone().requires_grad_()
    y = torch.nn.functional.batch_norm(leaf, None, None, given, training=True)
    gradients += torch.autograd.grad(y, [leaf], dy)
read = (0.5 * gradients[0] / gradients[1]).mean(0)
print("weights that the gradient of x is of:", *(f"{w:.3g}" for w in read.tolist()), "for", *weight.tolist())
assert (read - 0.5).abs().max() > 1
