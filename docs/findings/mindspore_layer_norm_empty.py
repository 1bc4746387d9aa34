"""MindSpore: layer norm refuses an empty batch, which other layers take."""

import mindspore
import numpy as np
from mindspore import nn

x, raised = mindspore.Tensor(np.zeros((0, 4, 3), np.float32)), ""
print("group norm gives", nn.GroupNorm(2, 4)(x).asnumpy().shape)
try:
    nn.LayerNorm([3])(x).asnumpy()
except RuntimeError as error:
    raised = str(error).splitlines()[0]
print("layer norm raises:", raised)
assert "must be at least 1" in raised
