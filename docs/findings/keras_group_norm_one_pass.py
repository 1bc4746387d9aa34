"""Keras on PyTorch, NumPy and OpenVINO takes a group's variance as E[x²] - E[x]²: far from 0 it is wrong, then negative, and y NaN."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

for mean in (1e1, 1e3, 1e4):
    x = np.random.default_rng(0).normal(mean, 1.0, size=(8, 6, 64)).astype("float32")
    with np.errstate(invalid="ignore"):
        y = keras.ops.convert_to_numpy(keras.layers.GroupNormalization(groups=3, axis=1)(x))
    groups = x.astype("float64").reshape(8, 3, -1)
    must = (groups - groups.mean(-1, keepdims=True)) / np.sqrt(groups.var(-1, keepdims=True) + 1e-3)
    off = np.abs(y - must.reshape(x.shape))
    print(f"mean {mean:.0f}, deviation 1: y errs by {np.nanmax(off):.2g}, and {np.isnan(y).sum()} of {y.size} values are no number")
assert np.isnan(y).any()
