"""Keras 3.15.1: batch norm of one channel takes no mask in training, for its moments lose the axis of channels."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

layer, x, mask = keras.layers.BatchNormalization(), np.arange(6, dtype="float32").reshape(2, 3, 1), np.ones((2, 3), bool)
print("without a mask:", layer(x, training=True).shape, "in evaluation:", layer(x, mask=mask).shape)
try:
    layer(x, mask=mask, training=True)
    raised = ""
except (IndexError, RuntimeError) as error:
    raised = str(error)
print("with a mask:", raised)
assert "tuple index out of range" in raised or "merge_into(channel_shape" in raised
