"""MindSpore: the gradient of L2Normalize where the floor is reached, so that y is x / 0.01: it must be dy / 0.01."""

import mindspore
import numpy as np

normalize, dy, found = mindspore.ops.L2Normalize(axis=1, epsilon=1e-4), mindspore.Tensor(np.array([[1.0, 0.0]], np.float32)), []
for x in ([[3.0, 4.0]], [[0.003, 0.004]], [[0.0, 0.0]]):
    y, back = mindspore.vjp(lambda x: normalize(x), mindspore.Tensor(np.array(x, np.float32)))  # noqa: PLW0108 - no function itself
    found.append(back(dy)[0].asnumpy().ravel())
    print(f"x is {x}, y is {y.asnumpy().tolist()}, dx is {found[-1].tolist()}")
print("dx must be [0.128, -0.096], [100, 0] and [100, 0]")
assert np.allclose(found[0], [0.128, -0.096])
assert np.allclose(found[1], [182, -24])
assert np.allclose(found[2], [10000, 0])
