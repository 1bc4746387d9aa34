"""Flax: what its documentation promises of its normalization layers, nnx and linen.

Sources: the pages named on each entry, of version 0.12.8, read on 2026-11-20. Where they are silent, the docstring in Flax' own code
that promises it (flax/nnx/nn/normalization.py and flax/linen/normalization.py, which say the same):

- the dtype of statistics: `_compute_stats`, "Computes in float32 precision for stability in half precision training" and, of
  `force_float32_reductions`, "If false, this will skip float32 promotion and use the input dtype";
- the estimator: the same, "Var = E[|x|^2] - |E[x]|^2, instead of Var = E[|x - E[x]|^2]", means over all values both;
- the mean square: the same, of `use_mean`, "If false, set the mean to zero and compute the variance without subtracting the mean";
- the dtype of the running statistics: `jnp.float32 if self.force_float32_reductions else self.param_dtype` at their initialization
  (linen), `jnp.float32` (nnx);
- the dtype of y: `dtype`, "the dtype of the result (default: infer from input and params)"; in nnx `promote_dtype` promotes "all input
  array arguments (including Variables accessed through self) to the desired dtype", which rounds parameters where it is narrower;
- the groups: GroupNorm, "equally-sized groups of channels"; that they are contiguous, `group_shape = x.shape[:-1] + (num_groups,
  group_size)` in its `__call__`;
- epsilon's place under the weights: `_l2_normalize`, `x * jax.lax.rsqrt((x * x).sum(axis=axis, keepdims=True) + eps)`, in the dtype of
  the weight, for nothing there names another;
- the vectors of spectral norm: its `_spectral_normalize`, where v comes from u, then u from v, both `stop_gradient`; `update_stats`
  says whether "the internal u vector and sigma value" are kept "after computing their updated values using power iteration", so in
  evaluation they are computed all the same.
"""

from normspec.dialects.flax import batch_norm, group_norm, instance_norm, layer_norm, rms_norm, spectral_norm, weight_norm

LAYERS = (batch_norm, layer_norm, group_norm, instance_norm, rms_norm, weight_norm, spectral_norm)

ENTRIES = (*(layer.NNX for layer in LAYERS), *(layer.LINEN for layer in LAYERS))
