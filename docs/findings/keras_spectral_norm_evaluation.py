"""Keras' SpectralNormalization on OpenVINO: in evaluation, where it is to leave a float64 kernel alone, what comes out is float32's."""

import os

os.environ["KERAS_BACKEND"] = "openvino"

import keras
import numpy as np

w = np.random.default_rng(0).normal(size=(50, 30))
layer = keras.layers.SpectralNormalization(keras.layers.Dense(30, use_bias=False, dtype="float64"), dtype="float64")
layer.build((2, 50))
layer.kernel.assign(w)
y = keras.ops.convert_to_numpy(layer(np.eye(50)))  # the kernel, row by row
print(f"the kernel of dtype {y.dtype} is off by {np.abs(y / w - 1).max():.1e} of itself; the one that it has, by 0")
assert np.array_equal(keras.ops.convert_to_numpy(layer.kernel), w)
assert np.array_equal(y, w.astype("float32"))
