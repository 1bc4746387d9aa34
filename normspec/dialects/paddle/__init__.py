"""Paddle: what its documentation promises of its normalization layers.

Sources: the pages named on each entry, of version 3.3, read on 2026-11-22 in the docstrings that they are made of. Where they are
silent, the Python code that they stand in, and what it calls:

- batch norm, `python/paddle/nn/layer/norm.py`: 1 - momentum is the weight of the new value, and the variance that is kept is the
  population's, as the page's formulas say; what follows scale and shift are `weight_attr` and `bias_attr` that are not False;
- instance norm, the same file: scale and shift are both there or neither; `momentum` says nothing, as no statistics are kept (the
  function's page calls its arguments for them obsolete);
- local response norm, `python/paddle/nn/functional/norm.py`: the mean of squares in the window, by `avg_pool`, is multiplied by alpha. The
  page's formula multiplies their sum, and its words are those of PyTorch, whose layer the porting guide of Paddle calls the same;
- weight norm, `python/paddle/nn/utils/weight_norm_hook.py`: the norm is taken over every axis but `dim`; -1 and None are one norm of the
  whole weight, although -2 is the last axis but one. So 0 is the axis of inputs of a Linear, whose weight has the shape [in, out];
- spectral norm, `python/paddle/nn/utils/spectral_norm_hook.py`: a `dim` that is None is 1 for Linear and transposed convolutions, else 0;
  the divisor of a vector is that of `normalize`; u and v are random when the hook is made. The layer, `SpectralNorm`, has no modes: every
  call iterates, from vectors of normal numbers, each over its norm + eps;
- dtypes: what a GPU's kernels take of 16 bits is computed in float32 (`paddle/phi/kernels/gpu`), with the exception of what is made of
  several operations, `normalize`, `local_response_norm` and the two hooks. On a CPU there are no kernels for 16 bits.

`functional.rms_norm` is of a GPU alone, as is SyncBatchNorm.
"""

from normspec.dialects.paddle import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    lp_norm,
    spectral_norm,
    weight_norm,
)

ENTRIES = (
    *batch_norm.ENTRIES,
    *layer_norm.ENTRIES,
    *group_norm.ENTRIES,
    *instance_norm.ENTRIES,
    *lp_norm.ENTRIES,
    *local_response_norm.ENTRIES,
    *weight_norm.ENTRIES,
    *spectral_norm.ENTRIES,
)
