"""Keras on OpenVINO: a bfloat16 y, of a layer that is called on arrays, is cut off, and rounded only where its last digit is odd."""

import os

os.environ["KERAS_BACKEND"] = "openvino"

import keras
import numpy as np

x = np.random.default_rng(0).integers(-9, 9, size=(8, 64)).astype("float32")  # of which bfloat16 loses nothing
off = []
for layer, spread in ((keras.layers.LayerNormalization, x - x.mean(-1, keepdims=True)), (keras.layers.RMSNormalization, x)):
    y = keras.ops.convert_to_numpy(layer(epsilon=1e-3, dtype="bfloat16")(x)).astype("float64")
    exact = spread / np.sqrt((spread * spread).mean(-1, keepdims=True) + 1e-3)
    off.append(np.divide(y, exact, where=exact != 0, out=np.ones(x.shape)) - 1)
    print(f"{layer.__name__}: y is off by {100 * off[-1].min():.2f} to {100 * off[-1].max():.2f} % of itself; a rounding is at most 0.39 %")
assert max(o.min() for o in off) < -(2**-8)
