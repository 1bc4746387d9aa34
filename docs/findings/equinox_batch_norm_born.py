"""Equinox' batch norm in mode "batch", after its first step: a variance of 1 becomes 100, for it was born 1 and is divided by 0.01."""

import equinox
import jax
import numpy as np

layer, state = equinox.nn.make_with_state(equinox.nn.BatchNorm)(1, "batch", mode="batch")
x = np.array([[-1.0], [1.0]] * 500, np.float32)
_, state = jax.vmap(layer, (0, None), (0, None), axis_name="batch")(x, state)
y = jax.vmap(equinox.nn.inference_mode(layer), (0, None), (0, None), axis_name="batch")(x, state)[0]
print("a batch of mean 0 and variance 1 becomes", np.abs(y).max(), "in inference, and must be 1")
assert np.abs(y).max() < 0.2
