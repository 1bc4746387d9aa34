"""tf_keras 2.21.0: batch normalization with renorm=True raises in training in float64, for it compares with a float32 root of epsilon."""

import numpy as np
import tensorflow as tf
import tf_keras

x = np.random.default_rng(0).normal(size=(64, 3))
layer = tf_keras.layers.BatchNormalization(renorm=True, dtype="float64")
print("evaluation gives y of dtype", layer(x, training=False).dtype.name)
try:
    layer(x, training=True)
    raised = ""
except tf.errors.InvalidArgumentError as error:
    raised = str(error)
print(f"training raises: {raised}")
assert "was expected to be a double tensor but is a float tensor" in raised
