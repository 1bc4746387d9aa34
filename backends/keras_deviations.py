"""What Keras 3.15.1 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from normspec.backends import (
    keras_batch_norm_deviations,
    keras_batch_renorm_deviations,
    keras_feature_norm_deviations,
    keras_group_norm_deviations,
    keras_huge_deviations,
    keras_layer_norm_deviations,
    keras_lp_norm_deviations,
    keras_mask_deviations,
    keras_openvino_deviations,
    keras_rms_norm_deviations,
    keras_spectral_norm_deviations,
    keras_tangent_deviations,
)

DEVIATIONS = (
    *keras_batch_norm_deviations.DEVIATIONS,
    *keras_batch_renorm_deviations.DEVIATIONS,
    *keras_mask_deviations.DEVIATIONS,
    *keras_layer_norm_deviations.DEVIATIONS,
    *keras_group_norm_deviations.DEVIATIONS,
    *keras_rms_norm_deviations.DEVIATIONS,
    *keras_lp_norm_deviations.DEVIATIONS,
    *keras_feature_norm_deviations.DEVIATIONS,
    *keras_spectral_norm_deviations.DEVIATIONS,
    *keras_huge_deviations.DEVIATIONS,
    *keras_tangent_deviations.DEVIATIONS,
    *keras_openvino_deviations.DEVIATIONS,
)
