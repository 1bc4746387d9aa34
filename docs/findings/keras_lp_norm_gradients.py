"""Keras' UnitNormalization on JAX and PyTorch: the gradient of x is no number where x is 0, and infinite in float16 where x is small."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

if keras.backend.backend() == "jax":
    import jax

for value, dtype in ((0.0, "float32"), (0.01, "float16")):
    x = keras.ops.convert_to_tensor(np.full(3, value), dtype)
    layer = keras.layers.UnitNormalization(dtype=dtype)
    if keras.backend.backend() == "jax":
        got = np.asarray(jax.grad(lambda x, layer=layer: layer(x)[0])(x))
    else:
        layer(x.requires_grad_())[0].backward()
        got = x.grad.numpy()
    must = (np.eye(3)[0] - (1 / 3 if value else 0)) / max(value * 3**0.5, 1e-12)
    print(f"{dtype}, x = {value}: the gradient of y[0] is {got}, must be {must.round(1)}")
    assert not np.isfinite(got).all()
