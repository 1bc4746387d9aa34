"""Keras' Normalization on TensorFlow: adapt() raises on batches in every dtype but float32, and what was adapted to before stays."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(64, 3))
for dtype in ("float32", "float64", "float16"):
    layer = keras.layers.Normalization(dtype=dtype)
    try:
        layer.adapt([x[:40], x[40:]])
    except Exception as error:  # noqa: BLE001 - a class of TensorFlow itself
        refused = str(error)
        print(f"{dtype}: {type(error).__name__}: {refused}")
    else:
        print(f"{dtype}: adapts")
        assert dtype == "float32"
assert "was expected to be a float tensor but is a half tensor" in refused
