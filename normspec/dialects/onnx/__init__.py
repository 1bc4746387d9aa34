"""ONNX: what the standard promises of its normalization operators, whatever runs them.

Sources: the operators' pages, named on each entry, as of ONNX 1.23, read on 2026-11-22. An operator is named by the opset that gave it
its meaning: a model of a later opset means the same by it, up to the next one that did. `opset21.GroupNormalization` scales each channel,
`opset18.GroupNormalization` each group. Those of the same meaning are left out: BatchNormalization 14 differs from 15 in the dtypes that
it takes, InstanceNormalization 6 from 22, LpNormalization 1 from 22, LRN 1 from 13 and MeanVarianceNormalization 9 from 13 likewise;
BatchNormalization before 14 says of training no more than the names of its outputs.

- A float among the attributes has 32 bits: in float64, epsilon 1e-5 is 9.999999747378752e-06.
- With `stash_type` 1 (float32) statistics are taken in float32, of float64, too, "and finally cast Normalized back to the original type of
  X"; then it is scaled and shifted in that: of 16 bits, no more than these is promised. RMS normalization has a point of its own for this.
- Scale and B must be given, except the B of layer normalization.
- Batch normalization: "The computation of ReduceMean and ReduceVar uses float to avoid overflow for float16"; of y, none is told.
- Mean-variance normalization: `(X-EX)/sqrt(E(X-EX)^2)`, which has no epsilon.
- Of how a variance is taken nothing is told, so its error is to grow no faster than anywhere else.
"""

from normspec.dialects.onnx import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    lp_norm,
    mean_variance_norm,
    rms_norm,
)

ENTRIES = (
    batch_norm.ENTRY,
    layer_norm.ENTRY,
    instance_norm.ENTRY,
    *group_norm.ENTRIES,
    rms_norm.ENTRY,
    lp_norm.ENTRY,
    local_response_norm.ENTRY,
    mean_variance_norm.ENTRY,
)
