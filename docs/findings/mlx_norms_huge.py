"""MLX' layer and RMS norm of x near 1e17: the third power of 1 / divisor underflows, and dx loses a part that it has for x near 1."""

import mlx.core as mx
import mlx.nn
import numpy as np

mx.set_default_device(mx.cpu)
rng, size = np.random.default_rng(0), 2.0**56
x, dy = 3e17 + 1e17 * rng.normal(size=(2, 5, 7)), rng.normal(size=(2, 5, 7))
for layer in (mlx.nn.LayerNorm(7, affine=False, eps=1e-30), mlx.nn.RMSNorm(7, eps=1e-30)):
    huge, usual = (np.array(mx.vjp(layer, [mx.array(a, mx.float32)], [mx.array(dy, mx.float32)])[1][0]) for a in (x, x / size))
    off = np.abs(huge - usual / size).max() / np.abs(usual / size).max()
    print(f"{layer}: dx is off by {off:.2g} of the largest, {np.abs(usual / size).max():.2g}, that x / 2**56 gives")
    assert off > 0.1
