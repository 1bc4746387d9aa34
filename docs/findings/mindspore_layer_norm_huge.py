"""MindSpore's layer norm of x near 1e17: the third power of 1 / deviation underflows, and dx loses a part that it has for x near 1."""

import mindspore
import numpy as np
from mindspore import nn

rng, size, found = np.random.default_rng(0), 2.0**56, []
x, dy = 3e17 + 1e17 * rng.normal(size=(5, 7)), mindspore.Tensor(rng.normal(size=(5, 7)).astype(np.float32))
for a in (x, x / size):
    _, back = mindspore.vjp(nn.LayerNorm([7], epsilon=1e-30), mindspore.Tensor(a.astype(np.float32)))
    found.append(back(dy)[0].asnumpy().reshape(5, 7).astype(np.float64))
huge, usual = found[0], found[1] / size
off = np.abs(huge - usual).max() / np.abs(usual).max()
print(f"dx is off by {off:.2g} of the largest, {np.abs(usual).max():.2g}, that x / 2**56 gives")
assert off > 0.1
