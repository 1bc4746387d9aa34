"""Keras' UnitNormalization of float64 computes in float32 on PyTorch, NumPy and OpenVINO; on the last two y is one of float32."""

import os

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(8, 64))
y = keras.ops.convert_to_numpy(keras.layers.UnitNormalization(dtype="float64")(x))
off = np.abs(y - x / np.sqrt((x * x).sum(-1, keepdims=True))).max()
print(f"y of dtype {y.dtype} errs by {off:.1e}; float64 errs by about 1e-16")
assert off > 1e-9
