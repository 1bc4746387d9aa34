"""TensorFlow's own operations: what its documentation promises of those that normalize.

Sources: the pages named on each entry, which have the same text as the docstrings of the release 2.21, read on 2026-11-20. Where they are
silent:

- whose variance the fused one observes: tensorflow/core/kernels/fused_batch_norm_op.cc, "This adjustment is for Bessel's correction", and
  tensorflow/python/ops/nn_fused_batchnorm_test.py, "tf.nn.moments uses n, instead of n-1, as the denominator in the formula to calculate
  variance, while tf.compat.v1.nn.fused_batch_norm has Bessel's correction built in";
- dtypes of the fused one: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormV3, x "half, bfloat16, float32", batch_mean
  and batch_variance the "same type as scale"; the kernel casts x to that type, and y back. On a CPU that type is float32 alone: for the
  other, "Could not find device for node";
- dtypes of `moments`: tensorflow/python/ops/nn_impl.py, float16 statistics are taken "on 32-bit floats before converting the mean and
  variance back to fp16"; everything else is done in x's dtype, and no array of another dtype is taken;
- `moments`: "the true mean is computed and used", and "sample variance, not unbiased variance", the mean of squared differences;
- dtypes of `l2_normalize`, `normalize` and `local_response_normalization`: the pages have no dtype but that of x, and y "has the same type
  as input"; `per_image_standardization` casts the image to float32, which its page says of y;
- `l2_normalize` with axis=None: the example on its page, in which a vector is normalized without one, and `tf.math.reduce_sum`, to which it
  is handed, "If `axis` is None, all dimensions are reduced";
- `normalize` of zeros: tensorflow/python/ops/nn_impl.py, `normalized = tensor / norm`, and its page has no epsilon;
- the deviation of an image: the example on the page of `per_image_standardization`, whose deviation is the population's; it is taken by
  `tf.math.reduce_std`, "Equivalent to np.std", so that the variance is the mean of squared differences.
"""

from normspec.dialects.tensorflow import batch_norm, layer_norm, local_response_norm, lp_norm, mean_variance_norm

ENTRIES = (
    *batch_norm.ENTRIES,
    *layer_norm.ENTRIES,
    *lp_norm.ENTRIES,
    *local_response_norm.ENTRIES,
    *mean_variance_norm.ENTRIES,
)
