"""PyTorch's instance norm with a weight refuses an empty batch; without one, and as every other norm, it gives an empty y."""

import torch

x = torch.zeros(0, 5, 7)
print("without weight:", torch.nn.InstanceNorm1d(5)(x).shape)
print("batch norm in evaluation:", torch.nn.BatchNorm1d(5).eval()(x).shape)
try:
    torch.nn.InstanceNorm1d(5, affine=True)(x)
except IndexError as error:
    print("with weight:", error)
else:
    raise AssertionError("it gives an empty y now")
