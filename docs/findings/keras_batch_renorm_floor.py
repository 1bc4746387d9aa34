"""Keras 3.15.1 on TensorFlow: in float64, too, renorm_stddev is floored at the root of epsilon rounded to float32."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(64, 3))
layer = keras.layers.BatchNormalization(renorm=True, dtype="float64")
layer.build(x.shape)
layer.renorm_stddev.assign(np.zeros(3))
y = keras.ops.convert_to_numpy(layer(x, training=True))
exact = x / np.sqrt(1e-3)  # (x - mean) / stddev r + d, with r = stddev / floor, d = mean / floor
off = np.abs(y / exact - 1).max()
print(f"where the deviation kept is 0, y of dtype {y.dtype} errs by {off:.1e} of itself")
assert y.dtype == np.float64
assert off > 1e-9
