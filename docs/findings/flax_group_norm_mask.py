"""Flax 0.12.8: GroupNorm refuses a mask of length 1 along the channels, which LayerNorm takes; that of nnx and that of linen."""

import jax.numpy as jnp
import numpy as np
from flax import linen, nnx

x = jnp.asarray(np.random.default_rng(0).normal(size=(2, 5, 4)))
mask = jnp.arange(5)[None, :, None] < 3  # of shape (1, 5, 1), broadcastable to that of x
bare = {"use_scale": False, "use_bias": False}
group = linen.GroupNorm(2, **bare)
y = group.apply({}, x, mask=jnp.broadcast_to(mask, x.shape))
print(f"linen.GroupNorm takes a mask of shape {x.shape}, linen.LayerNorm one of shape {mask.shape}")
linen.LayerNorm(reduction_axes=(1, 2), **bare).apply({}, x, mask=mask)
for name, call in (("linen", lambda: group.apply({}, x, mask=mask)), ("nnx", lambda: nnx.GroupNorm(4, 2, rngs=nnx.Rngs(0))(x, mask=mask))):
    try:
        call()
    except TypeError as error:
        print(f"{name}.GroupNorm, one of shape {mask.shape}: {error}")
    else:
        raise AssertionError(name)
