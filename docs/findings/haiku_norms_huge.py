"""Haiku's layer, group, instance and RMS norm of x near 1e17: the third power of 1 / divisor underflows, and dx loses a part."""

import haiku
import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(0)
x, dy = 3e17 + 1e17 * rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 5, 6))
layers = {"LayerNorm": (-1, False, False), "GroupNorm": (3,), "InstanceNorm": (False, False), "RMSNorm": (-1,)}
for name, of in layers.items():
    layer = haiku.transform(lambda x, name=name, of=of: getattr(haiku, name)(*of)(x))
    given = {t: (layer.init(None, x.astype(t)), None, x.astype(t)) for t in ("float32", "float64")}
    narrow, wide = (np.asarray(jax.vjp(layer.apply, *of)[1](dy.astype(t))[2], np.float64) for t, of in given.items())
    off = np.abs(narrow - wide).max() / np.abs(wide).max()
    print(f"{name}: dx in float32 is off by {off:.2g} of the largest in float64, {np.abs(wide).max():.2g}")
    assert off > 0.1
