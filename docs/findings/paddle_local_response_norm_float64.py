"""The gradient of local response norm in float64 divides by the window's length in float32, where y divides by it in float64."""

import numpy as np
import paddle

x = paddle.to_tensor(np.random.default_rng(0).normal(size=(1, 1, 4)), stop_gradient=False)
y = paddle.nn.functional.local_response_norm(x, size=3, alpha=3.0)
found = paddle.grad([y], [x])[0].numpy()
wide = x.numpy()
base = 1 + wide**2
of_y = np.abs(y.numpy() / (wide * base**-0.75) - 1).max()
of_dx = np.abs(found / (base**-0.75 - 1.5 * wide**2 * base**-1.75) - 1).max()
print(f"y errs by {of_y:.1e} of itself, the gradient by {of_dx:.1e}; roundings of float64 are {2.0**-53:.1e}")
assert of_y < 1e-14
assert of_dx > 1e-9
