"""Evaluate, train, then differentiate the evaluation: its gradient is that of the statistics as training left them."""

import mindspore
import numpy as np
from mindspore import nn

x = mindspore.Tensor(np.random.default_rng(0).normal(size=(64, 2, 1, 1)).astype("float32") * 3)
found = []
for trains in (False, True):
    layer = nn.BatchNorm2d(2)
    y, back = mindspore.vjp(layer, x)
    if trains:
        layer.set_train()(x)
    found.append(float(back(mindspore.Tensor(np.ones(x.shape, np.float32)))[0].asnumpy().flat[0]))
print(f"the gradient of an evaluation is {found[0]}, and {found[1]} after a step of training")
assert abs(found[0] - 1) < 1e-5
assert found[1] < 0.9
