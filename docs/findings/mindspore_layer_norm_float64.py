"""MindSpore: layer norm of float64 takes its statistics in float32."""

import mindspore
import numpy as np
from mindspore import nn

x = np.random.default_rng(0).normal(size=(64, 8))
found = nn.LayerNorm([8], epsilon=0.5, dtype=mindspore.float64)(mindspore.Tensor(x)).asnumpy()
must = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 0.5)
print(f"y of {found.dtype} is off by {np.abs(found - must).max():.2g}")
assert found.dtype == np.float64
assert np.abs(found - must).max() > 1e-8
