"""Evaluate, train, then differentiate the evaluation: its gradient is that of the statistics as training left them."""

import numpy as np
import paddle

x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32") * 3
found = []
for trains in (False, True):
    layer = paddle.nn.BatchNorm1D(2)
    leaf = paddle.to_tensor(x, stop_gradient=False)
    y = layer.eval()(leaf)
    if trains:
        layer.train()(paddle.to_tensor(x))
    found.append(paddle.grad([y], [leaf])[0].numpy()[0, 0])
print(f"the gradient of an evaluation is {found[0]}, and {found[1]} after a step of training")
assert abs(found[0] - 1) < 1e-5
assert found[1] < 0.9
