"""`normalize` with p = 3 takes the root 1 / 3 in float32, in float64, too."""

import numpy as np
import paddle

x = np.random.default_rng(0).normal(size=(5, 7))
y = paddle.nn.functional.normalize(paddle.to_tensor(x), p=3).numpy()
off = np.abs(y / (x / (np.abs(x) ** 3).sum(1, keepdims=True) ** (1 / 3)) - 1).max()
print(f"y errs by {off:.1e} of itself; roundings of float64 are {2.0**-53:.1e}")
assert off > 1e-9
