"""What each layer computes: pure functions in the Array API standard, one file per layer."""

from normspec.reference.adaptive_instance_norm import adaptive_instance_norm, adaptive_instance_norm_vjp
from normspec.reference.batch_layer_norm import batch_layer_norm, batch_layer_norm_vjp
from normspec.reference.batch_norm import batch_norm, batch_norm_vjp
from normspec.reference.batch_renorm import batch_renorm, batch_renorm_vjp
from normspec.reference.conditional_batch_norm import conditional_batch_norm, conditional_batch_norm_vjp
from normspec.reference.conditional_instance_norm import conditional_instance_norm, conditional_instance_norm_vjp
from normspec.reference.dynamic_tanh import dynamic_tanh, dynamic_tanh_vjp
from normspec.reference.feature_norm import feature_norm, feature_norm_vjp
from normspec.reference.filter_response_norm import filter_response_norm, filter_response_norm_vjp
from normspec.reference.full_norm import full_norm, full_norm_vjp
from normspec.reference.ghost_batch_norm import ghost_batch_norm, ghost_batch_norm_vjp
from normspec.reference.global_response_norm import global_response_norm, global_response_norm_vjp
from normspec.reference.group_norm import group_norm, group_norm_vjp
from normspec.reference.instance_norm import instance_norm, instance_norm_vjp
from normspec.reference.layer_norm import layer_norm, layer_norm_vjp
from normspec.reference.local_response_norm import local_response_norm, local_response_norm_vjp
from normspec.reference.lp_norm import lp_norm, lp_norm_vjp
from normspec.reference.mean_variance_norm import mean_variance_norm, mean_variance_norm_vjp
from normspec.reference.moments import Moments, merged, observed
from normspec.reference.recalibrate import recalibrate
from normspec.reference.rms_norm import rms_norm, rms_norm_vjp
from normspec.reference.scale_norm import scale_norm, scale_norm_vjp
from normspec.reference.spectral_norm import spectral_norm, spectral_norm_vjp
from normspec.reference.stateful import build
from normspec.reference.weight_norm import weight_norm, weight_norm_vjp
from normspec.reference.weight_standardization import weight_standardization, weight_standardization_vjp

__all__ = [
    "Moments",
    "adaptive_instance_norm",
    "adaptive_instance_norm_vjp",
    "batch_layer_norm",
    "batch_layer_norm_vjp",
    "batch_norm",
    "batch_norm_vjp",
    "batch_renorm",
    "batch_renorm_vjp",
    "build",
    "conditional_batch_norm",
    "conditional_batch_norm_vjp",
    "conditional_instance_norm",
    "conditional_instance_norm_vjp",
    "dynamic_tanh",
    "dynamic_tanh_vjp",
    "feature_norm",
    "feature_norm_vjp",
    "filter_response_norm",
    "filter_response_norm_vjp",
    "full_norm",
    "full_norm_vjp",
    "ghost_batch_norm",
    "ghost_batch_norm_vjp",
    "global_response_norm",
    "global_response_norm_vjp",
    "group_norm",
    "group_norm_vjp",
    "instance_norm",
    "instance_norm_vjp",
    "layer_norm",
    "layer_norm_vjp",
    "local_response_norm",
    "local_response_norm_vjp",
    "lp_norm",
    "lp_norm_vjp",
    "mean_variance_norm",
    "mean_variance_norm_vjp",
    "merged",
    "observed",
    "recalibrate",
    "rms_norm",
    "rms_norm_vjp",
    "scale_norm",
    "scale_norm_vjp",
    "spectral_norm",
    "spectral_norm_vjp",
    "weight_norm",
    "weight_norm_vjp",
    "weight_standardization",
    "weight_standardization_vjp",
]
