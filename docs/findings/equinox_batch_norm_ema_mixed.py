"""Equinox' batch norm in its default mode: a 16-bit x and float32 statistics cannot be trained, for their dtypes differ in a select."""

import equinox
import jax
import numpy as np

layer, state = equinox.nn.make_with_state(equinox.nn.BatchNorm)(3, "batch", mode="ema", dtype=np.float32)
x = np.ones((4, 3), np.float16)
try:
    jax.vmap(layer, (0, None), (0, None), axis_name="batch")(x, state)
except TypeError as error:
    raised = str(error)
print("it raises:", raised[:90])
assert "same dtypes" in raised
