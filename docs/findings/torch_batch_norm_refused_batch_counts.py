"""A batch that is refused still counts: with momentum=None the running mean is no simple average any more."""

import numpy as np
import torch

layer = torch.nn.BatchNorm1d(2, momentum=None)
try:
    layer(torch.ones(1, 2))
except ValueError as refused:
    print(refused)
x = torch.tensor(np.array([[1.0, 2.0], [3.0, 6.0]]), dtype=torch.float32)
layer(x)
print(f"running mean is {layer.running_mean.tolist()}, the average of the one batch taken is {x.mean(0).tolist()}")
assert layer.running_mean.tolist() != x.mean(0).tolist()
