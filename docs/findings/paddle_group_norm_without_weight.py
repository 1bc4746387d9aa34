"""The gradient of group norm without a weight lacks the way through the mean: with a weight of ones it is another."""

import numpy as np
import paddle

rng = np.random.default_rng(0)
x, dy = (paddle.to_tensor(rng.normal(1.0, 1.0, size=(2, 4, 7))) for _ in range(2))
x.stop_gradient = False
plain = paddle.nn.GroupNorm(2, 4, affine=False)
scaled = paddle.nn.GroupNorm(2, 4).to(dtype="float64")
outputs = [layer(x) for layer in (plain, scaled)]
without, ones = (paddle.grad([y], [x], [dy])[0].numpy() for y in outputs)
print(f"y is {outputs[0][0, 0, 0].item():.6f} and {outputs[1][0, 0, 0].item():.6f} with ones")
print(f"the gradient of x is {without[0, 0, 0]:.6f}, {ones[0, 0, 0]:.6f} with ones")
print(f"its sum over a group must be 0, and is {without[0, :2].sum():.3g} and {ones[0, :2].sum():.3g}")
assert np.allclose(*outputs)
assert abs(ones[0, :2].sum()) < 1e-9
assert abs(without[0, :2].sum()) > 0.1
