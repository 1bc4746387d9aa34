"""MindSpore: what its documentation promises of its normalization layers.

Sources: the pages named on each entry, of version 2.10, read on 2026-11-22 in the docstrings that they are made of. Where they are
silent, the code of that version:

- batch norm, `mindspore/nn/layer/normalization.py`: 1 - momentum is the weight of the new value, as the pages of 2d and 3d say. "The
  observed value (mean and variance respectively) of each batch of data" has no divisor on them: the kernels observe the variance of the
  sample. An `affine` that is False leaves scale and shift there, as they are born, but not trained. It is born evaluating. Of `eps` the
  operation says that it must be in (0, 1]. The channels are last, by `data_format`, on a GPU alone, and so not here;
- layer norm, the same file: parameters have the shape `normalized_shape` and begin at an axis of their own; they are cast to x's dtype.
  The two axes are counted from the front, but for -1, which is the last;
- local response norm: the formula divides alpha by n, the window's length, which the example beneath it and the kernel do not;
- L2Normalize: the kernel refuses an epsilon of 0;
- dtypes: batch norm and local response norm take float16 and float32. Of bfloat16 there are no kernels on a CPU.

InstanceNorm1d, 2d and 3d, `ops.rms_norm`, `mint.nn.functional.normalize` and the batch norms of `mint.nn` have no kernels on a CPU,
nor has the layer norm of `ops` and `mint.nn`; SyncBatchNorm is of Ascend alone. The functions `ops.group_norm`,
`ops.batch_norm` and `ops.lrn`, and the group norm of `mint.nn`, are not here yet.
"""

from normspec.dialects.mindspore import batch_norm, group_norm, layer_norm, local_response_norm, lp_norm

ENTRIES = (*batch_norm.ENTRIES, layer_norm.ENTRY, group_norm.ENTRY, lp_norm.ENTRY, local_response_norm.ENTRY)
