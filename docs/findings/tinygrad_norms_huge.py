"""tinygrad's norms of x near 1e17: the third power of 1 / divisor underflows, and dx loses a part that it has for x near 1."""

import numpy as np
from tinygrad import Tensor, nn

rng, size, off = np.random.default_rng(0), 2.0**56, {}
x, dy = 3e17 + 1e17 * rng.normal(size=(5, 4, 7)), Tensor(rng.normal(size=(5, 4, 7)).astype(np.float32)).realize()
layers = {"batch": nn.BatchNorm(4, 1e-30, track_running_stats=False), "layer": nn.LayerNorm(7, 1e-30), "RMS": nn.RMSNorm(7, 1e-30)}
layers |= {"instance": nn.InstanceNorm(4, 1e-30), "group": nn.GroupNorm(2, 4, 1e-30)}
for name, layer in layers.items():
    given = [Tensor(a.astype(np.float32)).realize() for a in (x, x / size)]
    huge, usual = (layer(a).gradient(a, gradient=dy)[0].numpy() for a in given)
    off[name] = np.abs(huge - usual / size).max() / np.abs(usual / size).max()
    print(f"{name} norm: dx is off by {off[name]:.2g} of the largest, {np.abs(usual / size).max():.2g}, that x / 2**56 gives")
assert min(off.values()) > 0.1
