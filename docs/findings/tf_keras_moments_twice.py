"""tf_keras 2.21.0: layer norm differentiated twice is not the derivative of what it gives differentiated once."""

import numpy as np
import tensorflow as tf
import tf_keras

x = tf.constant([[0.0, 1.0, 3.0, 7.0]], tf.float64)
dy, w = tf.constant([[1.0, 2.0, -1.0, 0.5]], tf.float64), tf.constant([[1.0, 0.0, 0.0, 0.0]], tf.float64)
layer = tf_keras.layers.LayerNormalization(dtype="float64")
gradients = []
with tf.GradientTape() as outer:
    outer.watch(x)
    for point in (x, x + 1e-6 * w, x - 1e-6 * w):
        with tf.GradientTape() as tape:
            tape.watch(point)
            y = layer(point)
        gradients.append(tape.gradient(y, point, dy))
    along = tf.reduce_sum(gradients[0] * w)
twice, difference = outer.gradient(along, x), (gradients[1] - gradients[2]) / 2e-6
print("differentiated twice:", *(f"{g:.4f}" for g in twice.numpy().ravel()), "for", *(f"{g:.4f}" for g in difference.numpy().ravel()))
assert np.abs(twice - difference).max() > 1e-3
