"""Group norm takes the variance as the mean of squares less the squared mean: at a mean of many deviations it is lost."""

import numpy as np
import paddle

rng = np.random.default_rng(0)
for mean in (1e2, 1e3, 1e4):
    x = (rng.normal(size=(2, 4, 32)) + mean).astype("float32")
    y = paddle.nn.functional.group_norm(paddle.to_tensor(x), 2).numpy().reshape(2, 2, -1)
    wide = x.astype("float64").reshape(2, 2, -1)
    exact = (wide - wide.mean(-1, keepdims=True)) / np.sqrt(wide.var(-1, keepdims=True) + 1e-5)
    off = np.abs(y - exact).max()
    print(f"at a mean of {mean:g} deviations y errs by {off:.2g}, of {np.abs(exact).max():.2g}")
assert off > 1
