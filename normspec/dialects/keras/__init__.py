"""Keras 3: what its documentation promises of its normalization layers, whatever the backend.

Sources: the pages named on each entry, read on 2026-11-20; keras.io has one version, and these are docstrings of the release 3.15.
Where they are silent:

- one meaning on every backend: https://keras.io/keras_3/, "Do Keras 3 models behave the same when run with different backends? Yes,
  numerics are identical across backends", "up to `1e-7` precision in float32, per function execution". So the variance is the mean of
  squared deviations on each: LayerNormalization writes it as such a sum, and `tf.nn.moments` says "the true mean is computed and used";
- the dtype of statistics: `_layer_normalization` and `_rms_normalization` in keras/src/ops/nn.py, "Computes in at least float32 precision
  for stability in half precision training", and batch_normalization.py and group_normalization.py in keras/src/layers/normalization/,
  "we upcast to float32 for the subsequent computations". float64 stays float64:
  https://www.tensorflow.org/api_docs/python/tf/keras/DTypePolicy (of keras 3.15.1), a policy of that name "causes both the compute and
  variable dtypes will be that dtype", the compute dtype being "the dtype layers will do their computations in";
  `backend.result_type(x.dtype, "float32")`, which the code asks for it, is documented as their least upper bound. The other layers say
  nothing of it, and so compute in the compute dtype, which is that of x;
- scale of RMSNormalization where precision is mixed: the same page, "Layers will cast variables to the compute dtype to avoid type errors".
  The other layers with parameters turn that off, `autocast=False`, and upcast instead;
- the dtypes of y and of the state: the same page, "Typically layers output tensors with the compute dtype", and the variable dtype is
  "the dtype layers will create their variables in"; of `vector_u`, `dtype=self.kernel.dtype` in spectral_normalization.py;
- RMSNormalization over several axes: https://keras.io/api/ops/nn/, `keras.ops.rms_normalization`, which `call` returns, has "the axis or
  axes along which to perform normalization";
- epsilon of UnitNormalization: unit_normalization.py, `ops.normalize(inputs, axis=self.axis, order=2, epsilon=1e-12)`, which is documented
  as `x / max(norm(x), epsilon)`, "a lower bound value for the norm", https://keras.io/api/ops/nn/;
- epsilon of SpectralNormalization: spectral_normalization.py, `normalize`, which is the same operation with its default,
  `backend.epsilon()`; of Normalization: keras/src/layers/preprocessing/normalization.py, `maximum(sqrt(variance), backend.epsilon())`;
- what SpectralNormalization does when: `call` in spectral_normalization.py, `if training:` before it assigns to kernel and vector_u, and
  otherwise nothing; `normalized_weights`, "This method returns the updated value for `self.kernel` with the spectral normalized value,
  so that the layer is ready for `call()`", https://www.tensorflow.org/api_docs/python/tf/keras/layers/SpectralNormalization;
- whose variance adapt() keeps: the example on the page of Normalization, where that of 1, 2, 3, 4 and 5 is 2, the population's.
"""

from normspec.dialects.keras import (
    batch_norm,
    batch_renorm,
    feature_norm,
    group_norm,
    instance_norm,
    layer_norm,
    lp_norm,
    rms_norm,
    spectral_norm,
)

ENTRIES = (
    *batch_norm.ENTRIES,
    *batch_renorm.ENTRIES,
    *layer_norm.ENTRIES,
    *group_norm.ENTRIES,
    *instance_norm.ENTRIES,
    *rms_norm.ENTRIES,
    *lp_norm.ENTRIES,
    *feature_norm.ENTRIES,
    *spectral_norm.ENTRIES,
)
