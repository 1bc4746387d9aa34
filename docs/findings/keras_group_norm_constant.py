"""Keras on PyTorch and NumPy gives no number for a constant: its variance, taken as E[x²] - E[x]², is negative by rounding."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

found = 0
for constant in (0.1, 1.1, 30.1, 300.1, 3000.1):
    x = np.full((2, 6, 7), constant, "float32")
    with np.errstate(invalid="ignore"):
        y = keras.ops.convert_to_numpy(keras.layers.GroupNormalization(groups=3, axis=1)(x))
    print(f"{constant} everywhere: {np.isnan(y).sum()} of {y.size} values are no number, and all must be 0")
    found += np.isnan(y).sum()
assert found > 0
