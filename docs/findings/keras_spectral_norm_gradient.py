"""Keras' SpectralNormalization on JAX: no step keeps the kernel that it puts in place, and the gradient goes through the division."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

rng = np.random.default_rng(0)
x, kernel, u = (rng.normal(size=shape).astype("float32") for shape in ((4, 5), (5, 3), (1, 3)))
layer = keras.layers.SpectralNormalization(keras.layers.Dense(3, use_bias=False))
layer.build(x.shape)
gradient = jax.grad(lambda k: layer.stateless_call([k], [u], x, training=True)[0].sum())(kernel)
must = np.repeat(x.sum(0)[:, None], 3, axis=1)  # that of the kernel put in place, by which x is multiplied
_, after = layer.stateless_call([kernel], [u], x, training=True)
layer.kernel.assign(kernel)
layer(x, training=True)
off, moved = np.abs(gradient - must).max(), np.abs(layer.kernel.value - kernel).max()
print(f"the gradient is off by {off:.2g}; called at once, the layer moves its kernel by {moved:.2g}")
print("stateless_call gives back the vector alone, no kernel:", [a.shape for a in after])
assert off > 1
assert len(after) == 1
