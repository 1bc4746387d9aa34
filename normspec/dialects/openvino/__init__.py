"""OpenVINO: what its documentation promises of its normalization operations, in inference, for there is no more.

Sources: the operations' pages, named on each entry, and the page of the CPU device, of OpenVINO 2026, read on 2026-11-22. An operation is
named by the opset that gave it its meaning, as the functions of `openvino.opsetN` are: those of later opsets are the same.

- Precision: a CPU computes in float32, bfloat16 or float16, whatever the dtype of a model is ("the plugin internally converts all the f16
  values to f32, and all calculations are performed using the native precision of f32"); of float64 there is no word. So statistics of every
  dtype are promised in float32, where `INFERENCE_PRECISION_HINT` says f32: on CPUs with bfloat16 instructions it says bf16 by default.
- Batch normalization only evaluates: mean and variance are inputs, and nothing moves them.
- Group normalization takes its parameters per channel; mean-variance and L2 normalization have none.
- epsilon must be positive, that of batch normalization not negative. Those of `mvn` and `normalize_l2` have 32 bits (`get_eps` gives a
  float).
- `normalize_l2` puts eps under the root: added to the sum of squares, or as a floor under it.
- `lrn` with an even size: its formula has size / 2 places on either side, which are size + 1, and its words "a side length size"; so none
  is read here. A CPU takes size - 1 places.
- `lrn` names no negative axes, as `mvn` and `normalize_l2` do, so they are none.
- Of how a variance is taken nothing is told, so its error is to grow no faster than anywhere else.
"""

from normspec.dialects.openvino import batch_norm, group_norm, local_response_norm, lp_norm, mean_variance_norm

ENTRIES = (batch_norm.ENTRY, group_norm.ENTRY, mean_variance_norm.ENTRY, lp_norm.ENTRY, local_response_norm.ENTRY)
