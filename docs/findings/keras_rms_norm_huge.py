"""Keras' RMS norm on TensorFlow, of x near 1e17: what is subnormal on the way to dx is taken for 0, where dx is none of it."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
x, dy = 2e17 + 1e17 * rng.normal(size=(64, 7)), rng.normal(size=(64, 7))
normal = x / np.sqrt((x**2).mean(-1, keepdims=True))
dy += (4e-4 - (dy * normal).mean(-1, keepdims=True)) * normal  # almost all of it is across x
leaf = tf.constant(x, "float32")
with tf.GradientTape() as tape:
    tape.watch(leaf)
    y = keras.layers.RMSNormalization(epsilon=2**-10)(leaf)
got = tape.gradient(y, leaf, tf.constant(dy, "float32")).numpy()
must = (dy - normal * (dy * normal).mean(-1, keepdims=True)) * normal / x
off = np.abs(got - must).max(-1) / np.abs(must).max(-1)
print(f"dx is off by up to {off.max():.2g} of the largest in its row, in {(off > 1e-5).sum()} of {len(off)} rows")
assert off.max() > 1e-5
