"""tf.math.l2_normalize of float16 zeros is no number wherever epsilon, which stands under a root, is below 3e-8: the default is 1e-12."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

x = tf.zeros((1, 3), tf.float16)
for floor in (2.0**-6, 2.0**-13, 1e-6):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.math.l2_normalize(x, axis=-1, epsilon=floor**2)
    slope = tape.gradient(y, x).numpy()[0, 0]
    print(f"epsilon = {floor**2:.1e}: y = {y.numpy()[0]}, slope {slope}, where 1 / sqrt(epsilon) is {1 / floor:.0f}")
assert np.isnan(tf.math.l2_normalize(x, axis=-1).numpy()).all()
