"""Equinox' weight norm of a weight near 1e17: a product on the way to dx is subnormal, and dx has 3 digits left of 7."""

import equinox
import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(0)
x, dy = 3e17 + 1e17 * rng.normal(size=(6, 7)), rng.normal(size=(6, 7))
dense = equinox.nn.Linear(7, 6, use_bias=False, key=jax.random.key(0))
layers = [equinox.nn.WeightNorm(equinox.tree_at(lambda at: at.weight, dense, x.astype(t))) for t in ("float32", "float64")]
pulled = [equinox.filter_vjp(lambda layer: layer(np.eye(7, dtype=layer.g.dtype)), at)[1](dy.astype(at.g.dtype))[0] for at in layers]
narrow, wide = (np.asarray(gradient.layer.weight, np.float64) for gradient in pulled)
off = np.abs(narrow - wide).max() / np.abs(wide).max()
print(f"dx in float32 is off by {off:.2g} of the largest in float64, {np.abs(wide).max():.2g}")
assert off > 1e-4
