"""Keras' RMS and group norm of x near 1e17: the third power of 1 / divisor underflows, and dx loses a part."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

if keras.backend.backend() == "jax":
    import jax

rng = np.random.default_rng(0)
x, dy = (a.astype("float32") for a in (3e17 + 1e17 * rng.normal(size=(4, 5, 7)), rng.normal(size=(4, 5, 7))))
layers = (keras.layers.RMSNormalization(epsilon=2**-10), keras.layers.GroupNormalization(groups=5, axis=1, epsilon=2**-10))
for centred, layer in enumerate(layers):
    layer.build(x.shape)
    if keras.backend.backend() == "jax":
        got = np.asarray(jax.vjp(layer.__call__, x)[1](dy)[0])
    else:
        leaf = keras.ops.convert_to_tensor(x).requires_grad_()
        layer(leaf).backward(keras.ops.convert_to_tensor(dy))
        got = leaf.grad.cpu().numpy()
    values = x.astype("float64") - x.astype("float64").mean(-1, keepdims=True) * centred
    r = 1 / np.sqrt((values**2).mean(-1, keepdims=True))
    must = r * (dy - dy.mean(-1, keepdims=True) * centred - values * r * (dy * values * r).mean(-1, keepdims=True))
    off = np.abs(got - must).max() / np.abs(must).max()
    print(f"{layer.name} on {keras.backend.backend()}: dx is off by {off:.2g} of the largest, {np.abs(must).max():.2g}")
    assert off > 0.1
