"""Flax 0.12.8: no number under a mask, where the cotangent of y is 0, makes every gradient no number, although y is right."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen

x = jnp.asarray([[1.0, 2.0, np.nan], [3.0, 5.0, 8.0]])
mask = jnp.asarray([[True, True, False], [True, True, True]])
layer = linen.LayerNorm(use_scale=False, use_bias=False)
y = layer.apply({}, x, mask=mask)
dx = jax.vjp(lambda x: layer.apply({}, x, mask=mask), x)[1](jnp.where(mask, 1.0, 0.0).at[0, 0].set(2.0))[0]
print("y:", np.asarray(y), "dx:", np.asarray(dx), sep="\n")
assert np.isfinite(np.asarray(y)[np.asarray(mask)]).all()
assert np.isnan(dx[0]).all()
assert np.isfinite(dx[1]).all()
