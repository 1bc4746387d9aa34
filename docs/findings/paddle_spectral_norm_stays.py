"""The layer SpectralNorm begins each call with the vectors that it was born with: sigma stays one iteration from them for ever."""

import numpy as np
import paddle

paddle.seed(0)
weight = paddle.to_tensor(np.random.default_rng(0).normal(size=(16, 16)).astype("float32"))
layer = paddle.nn.SpectralNorm([16, 16])
born = layer.weight_u.numpy().copy()
first = layer(weight)
for _ in range(100):
    last = layer(weight)
print(f"the largest singular value of y is {np.linalg.norm(first.numpy(), 2):.3f}, and {np.linalg.norm(last.numpy(), 2):.3f} 100 calls on")
assert np.array_equal(layer.weight_u.numpy(), born)
assert np.linalg.norm(last.numpy(), 2) > 1.1
