"""MLX: what its documentation promises of its normalization layers.

Sources: the pages named on each entry, of version 0.32, read on 2026-11-21. Where they are silent, the Python code of
`mlx/nn/layers/normalization.py` and, of what it calls, the fallback of each function in `mlx/fast.cpp`, which every device's kernel stands
for:

- epsilon: `eps <= 0.0` is refused by every constructor;
- batch norm: `mx.mean` and `mx.var`, of x's dtype; the running variance is that of `ddof=1`; a step in training with one value per
  channel is refused;
- group norm: the groups are the last axis of `x.reshape(batch, -1, num_groups)`, so channel c is in group c mod G; with
  `pytorch_compatible`, those of `x.reshape(batch, -1, num_groups, group_size)`;
- layer norm, instance norm and group norm with `pytorch_compatible`: `mx.fast.layer_norm`, which takes `astype(x, float32)` for its
  statistics, rounds to the promotion of x and what it is scaled by, and then scales and shifts in that: in 16 bits, no more than these
  is promised;
- RMS norm: `mx.fast.rms_norm`, the same, rounded to that promotion before it is scaled.
"""

from normspec.dialects.mlx import batch_norm, group_norm, instance_norm, layer_norm, rms_norm

ENTRIES = (batch_norm.ENTRY, layer_norm.ENTRY, group_norm.ENTRY, instance_norm.ENTRY, rms_norm.ENTRY)
