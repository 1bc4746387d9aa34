"""Equinox' batch norm in mode "batch" keeps the variance of the population, where the unbiased one is promised for inference."""

import equinox
import jax
import numpy as np

layer, state = equinox.nn.make_with_state(equinox.nn.BatchNorm)(1, "batch", momentum=0.5, mode="batch")
x = np.array([[1.0], [3.0]], np.float32)
over_all = jax.vmap(layer, (0, None), (0, None), axis_name="batch")
for _ in range(100):
    _, state = over_all(x, state)
mean, variance = state.get(layer.batch_state_index)
print(f"after 100 steps the variance of 1 and 3 is {variance[0]}, and the unbiased one is {x.var(ddof=1)}")
y = jax.vmap(equinox.nn.inference_mode(layer), (0, None), (0, None), axis_name="batch")(x, state)[0]
assert np.allclose(y, (x - 2) / np.sqrt(1 + 1e-5))
