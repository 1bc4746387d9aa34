"""Haiku: what its documentation promises of its normalization layers.

Sources: https://dm-haiku.readthedocs.io/en/latest/api.html, of version 0.0.17, read on 2026-11-22. Where it is silent, the code that it is
made of (haiku/_src/batch_norm.py, layer_norm.py, group_norm.py, rms_norm.py, spectral_norm.py, moving_averages.py):

- parameters: created with the dtype of the inputs, whatever x is given later;
- epsilon: `rsqrt(var + eps)`; the page of group norm shows a formula with `sigma + eps`, and says of `eps` "to add to the variance";
- arithmetic: that of x's dtype, of which no wider one is promised;
- batch norm: `mean_of_squares - square(mean)` for the variance, the same for y and for the moving average; averages of the "Adam debiasing
  procedure", of which `average` normalizes in evaluation;
- spectral norm: `x * rsqrt(sum(x * x) + eps)` for each vector, v first, iterated in every call, kept where `update_stats` says so.
"""

from normspec.dialects.haiku import batch_norm, group_norm, instance_norm, layer_norm, rms_norm, spectral_norm

ENTRIES = (batch_norm.ENTRY, layer_norm.ENTRY, group_norm.ENTRY, instance_norm.ENTRY, rms_norm.ENTRY, spectral_norm.ENTRY)
