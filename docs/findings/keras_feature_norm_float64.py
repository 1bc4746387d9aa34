"""Keras' Normalization of float64 adapts in float32 on all backends but TensorFlow, and computes in it on PyTorch, NumPy and OpenVINO."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import numpy as np

x = np.random.default_rng(0).normal(3.0, 1.0, size=(64, 3))
layer = keras.layers.Normalization(dtype="float64")
layer.adapt([x[:40], x[40:]])
mean, variance, y = (keras.ops.convert_to_numpy(a) for a in (layer.adapt_mean, layer.adapt_variance, layer(x)))
off = np.abs(variance - x.var(0)).max(), np.abs(y - (x - mean) / np.sqrt(variance)).max()
print(f"the variance adapted to errs by {off[0]:.1e}; y of dtype {y.dtype}, by the moments adapted to, by {off[1]:.1e}")
assert off[0] > 1e-9
assert (off[1] > 1e-9) == (keras.backend.backend() != "jax")
