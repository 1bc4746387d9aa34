"""Keras on NumPy and OpenVINO takes a row's variance as E[x²] - E[x]²: far from 0 it is wrong, and then negative, and y is no number."""

import os

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras
import numpy as np

for mean in (1e2, 1e3, 1e4):
    x = np.random.default_rng(0).normal(mean, 1.0, size=(5, 210)).astype("float32")
    with np.errstate(invalid="ignore"):
        y = keras.ops.convert_to_numpy(keras.layers.LayerNormalization()(x))
    wide = x.astype("float64")
    must = (wide - wide.mean(-1, keepdims=True)) / np.sqrt(wide.var(-1, keepdims=True) + 1e-3)
    print(f"mean {mean:.0f}, deviation 1: y errs by {np.abs(y - must).max():.2g}")
assert np.isnan(y).any()
