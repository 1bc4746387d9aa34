"""Flax' layer, instance and RMS norm of x near 1e17: the third power of 1 / divisor underflows, and dx loses a part."""

import jax
import numpy as np
from flax import linen, nnx

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(0)
x, dy = 3e17 + 1e17 * rng.normal(size=(2, 5, 7)), rng.normal(size=(2, 5, 7))
linens = {
    "linen.LayerNorm": linen.LayerNorm(use_scale=False, use_bias=False, use_fast_variance=False),
    "linen.InstanceNorm": linen.InstanceNorm(use_scale=False, use_bias=False, use_fast_variance=False),
    "linen.RMSNorm": linen.RMSNorm(use_scale=False),
}
layers = {name: lambda x, module=module: module.apply({}, x) for name, module in linens.items()}
layers["nnx.LayerNorm"] = nnx.LayerNorm(7, use_scale=False, use_bias=False, use_fast_variance=False, rngs=nnx.Rngs(0))
layers["nnx.RMSNorm"] = nnx.RMSNorm(7, use_scale=False, rngs=nnx.Rngs(0))
for name, layer in layers.items():
    narrow, wide = (np.asarray(jax.vjp(layer, x.astype(t))[1](dy.astype(t))[0], np.float64) for t in ("float32", "float64"))
    off = np.abs(narrow - wide).max() / np.abs(wide).max()
    print(f"{name}: dx in float32 is off by {off:.2g} of the largest in float64, {np.abs(wide).max():.2g}")
    assert off > 0.1
