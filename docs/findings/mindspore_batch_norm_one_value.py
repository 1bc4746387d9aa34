"""MindSpore: batch norm of one value per channel makes the running variance no number in training."""

import mindspore
import numpy as np
from mindspore import nn

layer = nn.BatchNorm2d(2, momentum=0.9).set_train()
y = layer(mindspore.Tensor(np.array([3.0, -4.0], np.float32).reshape(1, 2, 1, 1))).asnumpy()
mean, variance = layer.moving_mean.asnumpy(), layer.moving_variance.asnumpy()
print(f"y is {y.ravel()}, the running mean {mean}; the running variance is {variance}, which was 1")
assert np.allclose(mean, [0.3, -0.4])
assert np.isnan(variance).all()
