"""Keras on PyTorch, NumPy and OpenVINO takes a batch's variance as E[x²] - E[x]²: far from 0 it is wrong, then negative, and y NaN."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

for mean in (1e3, 3e3, 1e4):
    x = np.random.default_rng(0).normal(mean, 1.0, size=(37, 7, 5)).astype("float32")
    layer = keras.layers.BatchNormalization(momentum=0.0)
    y = keras.ops.convert_to_numpy(layer(x, training=True))
    wide = x.astype("float64")
    must = (wide - wide.mean((0, 1))) / np.sqrt(wide.var((0, 1)) + 1e-3)
    got = keras.ops.convert_to_numpy(layer.moving_variance)
    print(f"mean {mean:.0f}, deviation 1: y errs by {np.abs(y - must).max():.2g}, the variances taken are {np.round(got, 2).tolist()}")
assert np.isnan(y).any()
assert got.min() < 0 < wide.var((0, 1)).min()
