"""Batch norm of one value per channel gives x itself in training, where mean and variance would make it the bias, and moves no state."""

import numpy as np
import paddle

layer = paddle.nn.BatchNorm1D(2)
layer.bias.set_value(np.array([0.5, -0.5], np.float32))
x = paddle.to_tensor([[3.0, -4.0]], stop_gradient=False)
y = layer.train()(x)
dx, _, dbias = paddle.grad([y], [x, layer.weight, layer.bias])
mean = layer._mean  # noqa: SLF001 - it is kept nowhere else
print(f"y is {y.tolist()}, and must be [[0.5, -0.5]]; the running mean is {mean.tolist()}, and must be [0.3, -0.4]")
print(f"the gradient of x is {dx.tolist()}, and must be 0; that of bias is {dbias.tolist()}, and must be 1")
assert y.tolist() == x.tolist()
assert mean.tolist() == dbias.tolist() == [0.0, 0.0]
assert dx.tolist() == [[1.0, 1.0]]
