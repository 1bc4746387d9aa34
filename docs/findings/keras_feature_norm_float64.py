"""Keras' Normalization of float64 adapts in float32 on all backends but TensorFlow, and computes in it on PyTorch and NumPy."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import numpy as np

x = np.random.default_rng(0).normal(3.0, 1.0, size=(64, 3))
layer = keras.layers.Normalization(dtype="float64")
layer.adapt([x[:40], x[40:]])
variance = keras.ops.convert_to_numpy(layer.adapt_variance)
given = keras.layers.Normalization(mean=x.mean(0), variance=x.var(0), dtype="float64")
y = keras.ops.convert_to_numpy(given(x))
off = np.abs(variance - x.var(0)).max(), np.abs(y - (x - x.mean(0)) / x.std(0)).max()
print(f"the variance adapted to errs by {off[0]:.1e}; y of dtype {y.dtype}, by moments that are given, by {off[1]:.1e}")
assert off[0] > 1e-9
assert (off[1] > 1e-9) == (keras.backend.backend() != "jax")
