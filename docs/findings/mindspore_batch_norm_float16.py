"""MindSpore: batch norm whose parameters are of float16 does not move the running statistics in training, whatever x is."""

import mindspore
import numpy as np
from mindspore import nn

found = {}
for dtype in ("float32", "float16"):
    layer = nn.BatchNorm2d(2, momentum=0.9, dtype=getattr(mindspore, dtype)).set_train()
    layer(mindspore.Tensor(np.array([[2.0, -3.0], [4.0, -3.0]], dtype).reshape(2, 2, 1, 1)))
    found[dtype] = layer.moving_mean.asnumpy().tolist()
    print(f"{dtype}: the running mean is {found[dtype]} after a step, and must be near [0.3, -0.3]")
assert np.allclose(found["float32"], [0.3, -0.3])
assert found["float16"] == [0.0, 0.0]
