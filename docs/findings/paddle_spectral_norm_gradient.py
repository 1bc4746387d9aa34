"""The gradient of the layer SpectralNorm takes the sum of y for that of dy times y."""

import numpy as np
import paddle

paddle.seed(0)
rng = np.random.default_rng(0)
w, dy = (rng.normal(size=(3, 4)) for _ in range(2))
layer = paddle.nn.SpectralNorm([3, 4], eps=1e-12, dtype="float64")
leaf = paddle.to_tensor(w, stop_gradient=False)
v = w.T @ layer.weight_u.numpy()
v /= np.linalg.norm(v)
u = w @ v / np.linalg.norm(w @ v)
sigma = u @ w @ v
found = paddle.grad([layer(leaf)], [leaf], [paddle.to_tensor(dy)])[0].numpy()
exact = (dy - np.sum(dy * w) / sigma * np.outer(u, v)) / sigma
print(f"the gradient is {found[0].round(3)}, and must be {exact[0].round(3)}")
assert np.abs(found - exact).max() > 0.1 * np.abs(exact).max()
