"""Instance norm of a 16-bit x with float32 running statistics and bias, but no weight, raises an error. Batch norm takes the same."""

import numpy as np
import torch

x = torch.tensor(np.random.default_rng(0).normal(size=(3, 5, 7))).half()
mean, variance, bias = torch.zeros(5), torch.ones(5), torch.zeros(5)
y = torch.nn.functional.batch_norm(x, mean, variance, None, bias, training=True)
print(f"batch norm gives y in {y.dtype}")
try:
    y = torch.nn.functional.instance_norm(x, mean, variance, None, bias)
except RuntimeError as error:
    y = None
    print(f"instance norm: {str(error).splitlines()[0]}")
assert y is None
