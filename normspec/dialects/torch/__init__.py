"""PyTorch: what its documentation promises of its normalization layers.

Sources: the pages named on each entry, of version 2.13, read on 2026-11-20. Where they are silent, the file and definition in
PyTorch's own code that promises it by an error, a cast or a decomposition:

- one value per statistic: torch/nn/functional.py, `_verify_batch_size` (batch and group norm) and `_verify_spatial_size` (instance
  norm) raise ValueError;
- epsilon: the same file, `batch_norm` raises ValueError in training where it is not positive;
- ranks: the same file, `local_response_norm` raises ValueError below 3, `group_norm` RuntimeError below 2;
- statistics, and the sums of the gradients, of 16-bit inputs in float32: torch/_decomp/decompositions.py, the definitions
  `native_batch_norm_helper` and `native_batch_norm_backward` (which serve instance norm, too: aten/src/ATen/native/Normalization.cpp,
  `instance_norm`, gives batch norm one sample of all samples' channels), `native_layer_norm_backward`, `native_group_norm_backward`,
  `_fused_rms_norm` and `_fused_rms_norm_backward`, and torch/_refs/__init__.py, `native_group_norm`, which compute in
  `get_computation_dtype(input.dtype)` or the like and round their results;
- statistics in the dtype of x: torch/nn/functional.py, `normalize` and `local_response_norm`, torch/nn/utils/parametrizations.py,
  `_SpectralNorm`, and torch/_decomp/decompositions.py, `_weight_norm_interface`, in which whatever is divided by has the dtype of x;
- what a momentum of None is to instance norm: torch/nn/modules/instancenorm.py, `_apply_instance_norm`, which puts 0.0 in its place;
- the window of an even size: torch/nn/functional.py, `local_response_norm`, which pads by `size // 2` and `(size - 1) // 2`;
- the whole tensor: torch/nn/utils/parametrizations.py, `_WeightNorm`, to which a `dim` of -1 is None;
- the order of the iterations, and how many there are before the first step: the same file, `_SpectralNorm`.
"""

from normspec.dialects.torch import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    lp_norm,
    rms_norm,
    spectral_norm,
    weight_norm,
)

ENTRIES = (
    *batch_norm.ENTRIES,
    *layer_norm.ENTRIES,
    *group_norm.ENTRIES,
    *instance_norm.ENTRIES,
    *rms_norm.ENTRIES,
    *lp_norm.ENTRIES,
    *local_response_norm.ENTRIES,
    *weight_norm.ENTRIES,
    *spectral_norm.ENTRIES,
)
