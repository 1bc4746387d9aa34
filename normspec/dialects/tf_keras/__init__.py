"""Keras 2 (tf_keras): what its documentation promises of its normalization layers.

Sources: the pages named on each entry, those of Keras 2 on keras.io or of TensorFlow 2.14, with the text of the docstrings of the release
2.21, read on 2026-11-20. Where they are silent, the comment in tf_keras' own code (tf_keras/src/layers/normalization/) that promises it:

- which ranks and axes are fused: batch_normalization.py, `_raise_if_fused_cannot_be_used`, "the input tensors rank must be 4 or 5" and
  "only supports a channel dimension on axis 1 or 3 (rank=4) / 1 or 4 (rank5)", in float32 and 16 bits only;
- whose variance is observed: the page writes var(batch) in `moving_var` as in y, and does not say which. In the code,
  `_maybe_add_or_remove_bessels_correction`: "the variance computed by fused batch norm is with Bessel's correction", which "non-fused
  batch norm" has not; this is tf.nn.moments, "sample variance, not unbiased variance";
- statistics of 16 bits: "Do all math in float32 if given 16-bit inputs for numeric stability"; fused, those of float32 parameters
  (normspec/dialects/tensorflow/);
- parameters: `_param_dtype`, "Raise parameters of fp16 batch norm to fp32";
- layer_normalization.py, `call`: "If mixed precision is used, cast inputs to float32 so that this is at least as numerically stable as the
  fused version": statistics in float32, fused or not;
- the dtype of everything else: https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/mixed_precision/Policy, "A layer casts
  its inputs to its compute dtype. This causes the layer's computations and output to also be in the compute dtype." So group norm takes its
  statistics in the dtype of x; and in it Normalization keeps its weights, `dtype=self.compute_dtype` in
  tf_keras/src/layers/preprocessing/normalization.py: the variable dtype is that of variables "unless a layer explicitly chooses a
  different dtype", by the same page;
- the variance of group norm: `tf.nn.weighted_moments`, "Unlike moments(), this just uses a simpler two-pass method";
- instance norm: the page of GroupNormalization has it with as many groups as there are channels, and a range "[1, N]" of them. That -1
  stands for as many is in no documentation of Keras 2;
- epsilon of UnitNormalization and SpectralNormalization: `tf.linalg.l2_normalize` with its default, "will use `sqrt(epsilon)` as the
  divisor if `norm < sqrt(epsilon)`"; of Normalization, `tf.maximum(tf.sqrt(self.variance), backend.epsilon())`;
- what SpectralNormalization does when: `call` in spectral_normalization.py, `if training:` before it assigns to kernel and vector_u, and
  otherwise nothing;
- several batches of Normalization: `update_state`, "Accumulates statistics for the preprocessing layer", and `finalize_state`, in
  tf_keras/src/engine/base_preprocessing_layer.py; `adapt` calls them for each batch, and `reset_state` before the first.
"""

from normspec.dialects.tf_keras import (
    batch_norm,
    batch_renorm,
    feature_norm,
    ghost_batch_norm,
    group_norm,
    layer_norm,
    lp_norm,
    spectral_norm,
)

ENTRIES = (
    *batch_norm.ENTRIES,
    *batch_renorm.ENTRIES,
    *ghost_batch_norm.ENTRIES,
    *layer_norm.ENTRIES,
    *group_norm.ENTRIES,
    *lp_norm.ENTRIES,
    *feature_norm.ENTRIES,
    *spectral_norm.ENTRIES,
)
