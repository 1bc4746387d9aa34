"""Keras' SpectralNormalization on NumPy divides by norms of NumPy's own, without a floor, and not in float16 at all."""

import os

os.environ["KERAS_BACKEND"] = "numpy"

import keras
import numpy as np

raised = {}
for dtype, size in (("float32", 1e-9), ("float16", 1.0)):
    layer = keras.layers.SpectralNormalization(keras.layers.Dense(3, dtype=dtype), dtype=dtype)
    layer.build((2, 5))
    layer.kernel.assign(np.full((5, 3), size))
    layer.vector_u.assign([[0.6, 0.8, 0.0]])
    try:
        layer(np.ones((2, 5), dtype), training=True)
    except TypeError as error:
        raised[dtype] = next(line for line in str(error).splitlines() if dtype in line)
        print(f"{dtype}: {raised[dtype]}")
    else:
        w, u = np.full((5, 3), size) / 1e-7, np.array([0.6, 0.8, 0.0])
        long, must = np.linalg.norm(layer.vector_u.value), np.linalg.norm(w.T @ w @ u)
        print(f"{dtype}: of a kernel of size {size}, vector_u comes out {long:.2f} long; with a floor of 1e-7 it is {must:.4f}")
assert long > 0.99
assert list(raised) == ["float16"]
