"""tinygrad: what the docstrings of its normalization layers promise; where they are silent, its code.

Sources: https://docs.tinygrad.org, which shows the docstrings, `tinygrad/nn/__init__.py` and `tinygrad/mixin/op.py` of 0.14.0, read on
2026-11-22. What the code says:

- dtypes: `Tensor.mean` sums 16 bits in float32 and rounds to x's dtype, and all else is taken in it; what a weight multiplies is of the
  promotion of both. RMS norm alone is `_norm(x.float()).cast(x.dtype)`, times its weight. Weights and running statistics are born in
  `DEFAULT_FLOAT`, whatever x is;
- batch norm: it trains where `TRAINING` is set (`Context(TRAINING=1)`), and is born evaluating. `momentum` is the weight of the new
  value; the running variance is that of `x.numel()/(x.numel()-x.shape[1])`, which one value in each channel has none of;
- group and instance norm: `x.reshape(x.shape[0], groups, -1).layernorm(eps)`; a weight without a bias is not to be had;
- `LayerNorm2d`: LayerNorm of `x.permute(0, 2, 3, 1)`, so that its last axis is the channels';
- `Tensor.normalize`: x over the larger of its norm and `eps`.

`Tensor.batchnorm` takes a mean and one over a deviation that its caller has made: there is no epsilon in it, and no place for it here.
"""

from normspec.dialects.tinygrad import batch_norm, group_norm, instance_norm, layer_norm, lp_norm, rms_norm

ENTRIES = (batch_norm.ENTRY, *layer_norm.ENTRIES, group_norm.ENTRY, instance_norm.ENTRY, rms_norm.ENTRY, lp_norm.ENTRY)
