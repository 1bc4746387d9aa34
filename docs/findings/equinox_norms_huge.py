"""Equinox' layer, group and RMS norm of x near 1e17: the third power of 1 / divisor underflows, and dx loses a part."""

import equinox
import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(0)
x, dy = 3e17 + 1e17 * rng.normal(size=(6, 7)), rng.normal(size=(6, 7))
each = {name: jax.vmap(layer) for name, layer in (("LayerNorm", equinox.nn.LayerNorm(7)), ("RMSNorm", equinox.nn.RMSNorm(7)))}
each |= {"GroupNorm": equinox.nn.GroupNorm(3, channelwise_affine=False)}
for name, layer in each.items():
    narrow, wide = (np.asarray(jax.vjp(layer, x.astype(t))[1](dy.astype(t))[0], np.float64) for t in ("float32", "float64"))
    off = np.abs(narrow - wide).max() / np.abs(wide).max()
    print(f"{name}: dx in float32 is off by {off:.2g} of the largest in float64, {np.abs(wide).max():.2g}")
    assert off > 0.1
