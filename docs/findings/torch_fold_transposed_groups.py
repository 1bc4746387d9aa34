"""Folding batch norm into a transposed convolution raises an error where that has groups, and what is folded is well defined."""

import numpy as np
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

conv = torch.nn.ConvTranspose1d(4, 6, 2, groups=2).double().eval()
norm = torch.nn.BatchNorm1d(6).double().eval()
x = torch.tensor(np.random.default_rng(0).normal(size=(2, 4, 5)))
scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).reshape(2, 1, 3, 1)  # groups, inputs of each, outputs of each, taps
weight = (conv.weight.reshape(2, 2, 3, 2) * scale).reshape(4, 3, 2)
folded = torch.nn.functional.conv_transpose1d(x, weight, conv.bias * scale.reshape(6), groups=2)
assert torch.allclose(folded, norm(conv(x)))
try:
    raised = None
    fuse_conv_bn_eval(conv, norm, transpose=True)
except RuntimeError as error:
    raised = error
print(f"fuse_conv_bn_eval: {raised}; the two are the convolution above")
assert raised is not None
