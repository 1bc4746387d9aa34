"""Keras 3.15.1: no number under a mask, where the cotangent of y is 0, makes a channel's gradients no number, although y is right."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np

mask = np.array([[True, True, False], [True, False, True]])
x = np.array([[[1.0, 5.0], [2.0, 3.0], [np.nan, np.nan]], [[4.0, 2.0], [8.0, 1.0], [3.0, 0.0]]], "float32")
dy = np.where(mask[..., None], x * 0 + 1, 0).astype("float32")
layer = keras.layers.BatchNormalization(axis=-1)
layer.build(x.shape)
match keras.backend.backend():
    case "tensorflow":
        import tensorflow as tf

        leaf = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(leaf)
            y = layer(leaf, mask=mask, training=True)
        dx = tape.gradient(y, leaf, output_gradients=tf.constant(dy)).numpy()
    case "jax":
        import jax

        owned = [[v.value for v in variables] for variables in (layer.trainable_variables, layer.non_trainable_variables)]
        y, pullback = jax.vjp(lambda x: layer.stateless_call(*owned, x, mask=mask, training=True)[0], x)
        dx = np.asarray(pullback(dy)[0])
    case "torch":
        leaf = keras.ops.convert_to_tensor(x).requires_grad_()
        y = layer(leaf, mask=keras.ops.convert_to_tensor(mask), training=True)
        y.backward(keras.ops.convert_to_tensor(dy))
        dx = leaf.grad.cpu().numpy()
print("y:", keras.ops.convert_to_numpy(y).ravel(), "dx:", dx.ravel(), sep="\n")
assert np.isfinite(keras.ops.convert_to_numpy(y)[mask]).all()
assert np.isnan(dx[mask]).all()
