"""Keras 3.15.1 on TensorFlow: layers differentiated twice are not the derivative of what they give differentiated once."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
import tensorflow as tf

x = tf.constant([0.0, 1.0, 3.0, 7.0], tf.float64)
dy, w = tf.constant([1.0, 2.0, -1.0, 0.5], tf.float64), tf.constant([1.0, 0.0, 0.0, 0.0], tf.float64)
group = keras.layers.GroupNormalization
layers = {
    "batch norm": (keras.layers.BatchNormalization(dtype="float64"), (4, 1), {"training": True}),
    "layer norm": (keras.layers.LayerNormalization(dtype="float64"), (1, 4), {}),
    "instance norm": (group(groups=-1, dtype="float64"), (1, 4, 1), {}),
    "group norm": (group(groups=1, dtype="float64"), (1, 4), {}),
}
for name, (layer, shape, told) in layers.items():
    gradients = []
    with tf.GradientTape() as outer:
        outer.watch(x)
        for point in (x, x + 1e-6 * w, x - 1e-6 * w):
            with tf.GradientTape() as tape:
                tape.watch(point)
                y = tf.reshape(layer(tf.reshape(point, shape), **told), [-1])
            gradients.append(tape.gradient(y, point, dy))
        along = tf.reduce_sum(gradients[0] * w)
    twice, difference = outer.gradient(along, x).numpy(), ((gradients[1] - gradients[2]) / 2e-6).numpy()
    print(f"{name} differentiated twice:", *(f"{g:.4f}" for g in twice), "for", *(f"{g:.4f}" for g in difference))
    assert np.abs(twice - difference).max() > 1e-3
