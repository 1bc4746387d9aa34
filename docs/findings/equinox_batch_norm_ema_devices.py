"""Equinox 0.13.8: batch norm in its default mode cannot be trained under jax.pmap, where a constant is told from an array of a device."""

import equinox
import jax
import numpy as np

jax.config.update("jax_num_cpu_devices", 2)
layer, state = equinox.nn.make_with_state(equinox.nn.BatchNorm)(3, ("batch", "devices"), mode="ema")
x = np.arange(24, dtype="float32").reshape(2, 4, 3)
step = jax.vmap(layer, (0, None), (0, None), axis_name="batch")
y, _ = jax.vmap(step, (0, None), (0, None), axis_name="devices")(x, state)
print("under jax.vmap y has the mean", float(y.mean()))
try:
    jax.pmap(step, axis_name="devices", in_axes=(0, None), out_axes=(0, None))(x, state)
    raised = ""
except ValueError as error:
    raised = str(error)
print("under jax.pmap it raises:", raised)
assert "Old and new values have different structures/shapes/dtypes" in raised
