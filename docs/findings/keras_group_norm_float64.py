"""A float64 group norm of Keras computes in float32 on every backend but TensorFlow; y is float64 by name alone."""

import os

os.environ.setdefault("KERAS_BACKEND", "numpy")
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(8, 6, 64))
y = keras.ops.convert_to_numpy(keras.layers.GroupNormalization(groups=3, axis=1, dtype="float64")(x))
groups = x.reshape(8, 3, -1)
exact = (groups - groups.mean(-1, keepdims=True)) / np.sqrt(groups.var(-1, keepdims=True) + 1e-3)
off = np.abs(y - exact.reshape(x.shape)).max()
print(f"y of dtype {y.dtype} errs by {off:.1e}; float64 errs by about 1e-15")
assert y.dtype == np.float64
assert off > 1e-9
