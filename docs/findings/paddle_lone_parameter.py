"""Batch and instance norm with a weight and no bias, or a bias and no weight, or one of them frozen, have no gradient of the other."""

import numpy as np
import paddle

x = np.random.default_rng(0).normal(size=(5, 2, 7)).astype("float32")
for told in ({"bias_attr": False}, {"weight_attr": False}):
    layer = paddle.nn.BatchNorm1D(2, **told)
    (layer(paddle.to_tensor(x, stop_gradient=False)) ** 2).sum().backward()
    print(f"batch norm with {told}: the gradient of its parameter is {layer.parameters()[0].grad}")
    assert layer.parameters()[0].grad is None
for name in ("weight", "bias"):
    own = paddle.ones([2])
    own.stop_gradient = False
    (paddle.nn.functional.instance_norm(paddle.to_tensor(x, stop_gradient=False), **{name: own}) ** 2).sum().backward()
    print(f"instance norm with a {name}: its gradient is {own.grad}")
    assert own.grad is None
