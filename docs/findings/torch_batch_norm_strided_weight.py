"""Batch norm with a weight that is every second number of an array: of rows, and of images channels last, the gradient of x reads on."""

import numpy as np
import torch

rng = np.random.default_rng(0)
weight = torch.tensor([0.5, 7.0, 0.5, 7.0, 0.5, 7.0], dtype=torch.float64)[::2]
for name, shape in (("rows", (11, 3)), ("images channels last", (11, 3, 4, 6))):
    x, dy = (torch.tensor(rng.normal(size=shape)) for _ in range(2))
    if len(shape) > 2:
        x, dy = (a.contiguous(memory_format=torch.channels_last) for a in (x, dy))
    gradients = []
    for given in (weight, weight.contiguous()):
        leaf = x.clone().requires_grad_()
        y = torch.nn.functional.batch_norm(leaf, None, None, given, training=True)
        gradients += torch.autograd.grad(y, [leaf], dy)
    read = (0.5 * gradients[0] / gradients[1]).movedim(1, -1).flatten(0, -2).median(0).values
    print(f"{name}: weights that the gradient of x is of:", *(f"{w:.3g}" for w in read.tolist()), "for", *weight.tolist())
    assert (read - 0.5).abs().max() > 1
