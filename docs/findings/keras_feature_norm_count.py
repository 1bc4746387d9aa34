"""Keras' Normalization has a weight `count`, which stays 0 whatever it has adapted to; in Keras 2 it is the number of values."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np

layer = keras.layers.Normalization()
layer.adapt(np.random.default_rng(0).normal(size=(64, 3)).astype("float32"))
count = int(layer.count)
print(f"after 64 samples the count is {count}")
assert count == 0
