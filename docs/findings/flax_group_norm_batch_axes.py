"""Flax 0.12.8: nnx.GroupNorm repeats the groups' statistics along axis 1, which is the last only where the batch is the leading axis."""

import numpy as np
from flax import linen, nnx

x = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype(np.float32)
told = {"num_groups": 2, "use_scale": False, "use_bias": False, "epsilon": 0.0}
for name, y in (
    ("linen", linen.GroupNorm(reduction_axes=(2, 3), **told).apply({}, x)),
    ("nnx", nnx.GroupNorm(4, reduction_axes=(2, 3), rngs=nnx.Rngs(0), **told)(x)),
):
    squares = (np.asarray(y).reshape(2, 3, 5, 2, 2) ** 2).mean((2, 4))
    print(f"{name}: the mean square of each group, which must be 1, is from {squares.min():.2f} to {squares.max():.2f}")
assert abs(squares - 1).max() > 0.3
try:
    nnx.GroupNorm(4, reduction_axes=(0, 1, 2, 3), rngs=nnx.Rngs(0), **told)(x)
except ValueError as error:
    print(f"nnx, over all axes: {error}")
else:
    raise AssertionError
