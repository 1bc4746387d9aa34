"""Keras multiplies the last axis by the scale of RMSNormalization(axis=1): it raises, or errs silently where the lengths agree."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np

x, scale = np.random.default_rng(0).normal(size=(2, 5, 5)).astype("float32"), np.arange(1.0, 6.0)
layer = keras.layers.RMSNormalization(axis=1)
layer.build(x.shape)
layer.scale.assign(scale)
y = keras.ops.convert_to_numpy(layer(x))
for axis, along in ((1, 1), (1, 2), (2, 2)):
    a = x / np.sqrt((x * x).mean(axis, keepdims=True) + 1e-6) * (scale[:, None] if along == 1 else scale)
    print(f"from the mean square over axis {axis} times scale along axis {along}, y is off by {np.abs(y - a).max():.0e}")
    assert axis == 2 or along == 2 or np.abs(y - a).max() > 1
try:
    keras.layers.RMSNormalization(axis=1)(x[:, :3])
except Exception as error:  # noqa: BLE001 - each backend has a class of its own
    raised = type(error).__name__
print("of other lengths:", raised)
