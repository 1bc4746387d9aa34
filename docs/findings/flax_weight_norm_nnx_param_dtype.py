"""Flax 0.12.8: nnx.WeightNorm makes its scales in JAX' default dtype, whatever param_dtype is, and promotes the weight to that."""

import jax.numpy as jnp
from flax import nnx

rngs = nnx.Rngs(0)
dense = nnx.Linear(3, 4, param_dtype=jnp.bfloat16, rngs=rngs)
layer = nnx.WeightNorm(dense, param_dtype=jnp.bfloat16, rngs=rngs)
(scale,) = layer.scales.values()
y = layer(jnp.ones((1, 3), jnp.bfloat16))
weight = dense.kernel[...]
print(f"with param_dtype=bfloat16 and a bfloat16 weight, scale is {scale.dtype}, the weight used is {weight.dtype}, and y is {y.dtype}")
assert scale.dtype == weight.dtype == jnp.float32
