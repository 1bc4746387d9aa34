"""Folding batch norm without weight and bias into a linear layer raises an error; into a convolution it is folded."""

import numpy as np
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

linear, conv = torch.nn.Linear(4, 6).double().eval(), torch.nn.Conv1d(4, 6, 1).double().eval()
norm = torch.nn.BatchNorm1d(6, affine=False).double().eval()
x = torch.tensor(np.random.default_rng(0).normal(size=(2, 4, 1)))
assert torch.allclose(fuse_conv_bn_eval(conv, norm)(x), norm(conv(x)))
try:
    raised = None
    fuse_linear_bn_eval(linear, norm)
except TypeError as error:
    raised = error
print(f"fuse_linear_bn_eval: {raised}")
assert raised is not None
