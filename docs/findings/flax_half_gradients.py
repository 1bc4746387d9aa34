"""Flax 0.12.8: gradients by a 16-bit x, added up of two parts that were each rounded to 16 bits: group, instance and RMS norm."""

import flax.linen as nn
import jax
import numpy as np

rng = np.random.default_rng(0)
x, dy = (rng.normal(size=(64, 7, 4)).astype(np.float16) for _ in range(2))
wide, h = x.astype(np.float64), dy.astype(np.float64)
bare = {"use_scale": False, "use_bias": False, "use_fast_variance": False}
rms = nn.RMSNorm(use_scale=False, use_fast_variance=False)
for layer, axes, centred in ((nn.GroupNorm(1, **bare), (1, 2), 1), (nn.InstanceNorm(**bare), 1, 1), (rms, 2, 0)):
    got = np.asarray(jax.vjp(lambda x, layer=layer: layer.apply({}, x), x)[1](dy)[0], np.float64)
    c = wide - centred * wide.mean(axes, keepdims=True)
    r = 1 / np.sqrt((c**2).mean(axes, keepdims=True) + 1e-6)
    must = r * (h - centred * h.mean(axes, keepdims=True) - c * r**2 * (h * c).mean(axes, keepdims=True))
    roundings = np.max(np.abs(got - must) / np.abs(must)) * 2**11
    print(f"{type(layer).__name__}: dx errs by {roundings:.0f} roundings of float16; one rounding at the end errs by 1")
    assert roundings > 20
