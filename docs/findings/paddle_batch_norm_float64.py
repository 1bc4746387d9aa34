"""Batch norm in float64 rounds momentum and epsilon to float32, so that neither y nor the running mean has more digits than that."""

import numpy as np
import paddle

x = np.random.default_rng(0).normal(size=(64, 2)) * 1e-3
layer = paddle.nn.BatchNorm1D(2).to(dtype="float64")
y = layer.train()(paddle.to_tensor(x)).numpy()
kept = layer._mean.numpy()  # noqa: SLF001 - it is kept nowhere else
of_y = np.abs(y / ((x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)) - 1).max()
of_mean = np.abs(kept / (x.mean(0) * (1 - 0.9)) - 1).max()
print(f"at the defaults y errs by {of_y:.1e} of itself, the running mean by {of_mean:.1e}; roundings of float64 are {2.0**-53:.1e}")
assert of_y > 1e-9
assert of_mean > 1e-8
