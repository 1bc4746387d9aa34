"""A float64 SpectralNormalization of Keras computes in float32 on PyTorch, NumPy and OpenVINO; its kernel is float64 by name alone."""

import os

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras
import numpy as np

w, u = np.random.default_rng(0).normal(size=(50, 30)), np.full((1, 30), 30**-0.5)
layer = keras.layers.SpectralNormalization(keras.layers.Dense(30, dtype="float64"), dtype="float64")
layer.build((2, 50))
layer.kernel.assign(w)
layer.vector_u.assign(u)
layer(np.ones((2, 50)), training=True)
got = keras.ops.convert_to_numpy(layer.kernel)
v = u @ w.T / np.linalg.norm(u @ w.T)
off = np.abs(got * np.linalg.norm(v @ w) / w - 1).max()
print(f"the kernel of dtype {got.dtype} errs by {off:.1e} of itself; float64 errs by about 1e-15")
assert off > 1e-9
