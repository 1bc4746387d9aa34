"""`normalize` has epsilon as a floor in y, and adds it to the norm, or to a power of it, in the gradient."""

import numpy as np
import paddle

x, dy = np.array([[3.0, 4.0]]), np.array([[1.0, 0.0]])
for p in (1, 2):
    norm = np.sum(np.abs(x) ** p) ** (1 / p)
    exact = dy / norm - np.sum(dy * x) / norm**2 * (np.abs(x) / norm) ** (p - 1)
    leaf = paddle.to_tensor(x, stop_gradient=False)
    y = paddle.nn.functional.normalize(leaf, p=p, epsilon=1.0)
    found = paddle.grad([y], [leaf], [paddle.to_tensor(dy)])[0].numpy()
    print(f"p = {p}: y is {y.numpy()[0]}, as {x[0] / norm}; its gradient is {found[0]}, and must be {exact[0]}")
    assert np.allclose(y.numpy(), x / norm)
    assert np.abs(found - exact).max() > 0.01
