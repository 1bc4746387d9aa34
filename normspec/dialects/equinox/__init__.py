"""Equinox: what its documentation promises of its normalization layers.

Each layer takes one sample: x is what `jax.vmap(layer)` takes, with the axes of the samples in front; batch norm's is the axis that it
is told the name of.

Sources: https://docs.kidger.site/equinox/api/nn/normalisation, of version 0.13.8, read on 2026-11-22. Where it is silent, the code that
it is made of (equinox/nn/_normalisation.py, _batch_norm.py, _spectral_norm.py, _weight_norm.py):

- layer and RMS norm: x, weight and bias are taken to `result_type(x.dtype, float32)`, and what comes out is rounded to x's dtype;
- group norm: likewise, but that weight and bias are spread over x before, so that their gradients are sums in their own dtype: of the two,
  no more than x's dtype is promised;
- batch norm: arithmetic in the dtypes that are given, of which no wider one is promised. Mode "ema": `x` is normalized with the running
  statistics after their update, in which the first observation counts whole. Mode "batch": what is kept is hidden; "exponential running
  mean and unbiased variance" are what is hidden over `1 - momentum**counter`, "Zero-debias approach" in the words of the code;
- spectral norm: `u / max(eps, norm)`, first u, then v; 15 iterations when it is made;
- weight norm: `v * g / norm(v)` without an epsilon; `g` is the norm of the weight when it is made.
"""

from normspec.dialects.equinox import batch_norm, group_norm, layer_norm, rms_norm, spectral_norm, weight_norm

ENTRIES = (batch_norm.ENTRY, layer_norm.ENTRY, group_norm.ENTRY, rms_norm.ENTRY, spectral_norm.ENTRY, weight_norm.ENTRY)
