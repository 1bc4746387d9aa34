"""ONNX Runtime: GroupNormalization refuses an empty batch, which other normalizations take."""

import numpy as np
import onnx.parser
import onnxruntime

text = (
    '<ir_version: 10, opset_import: ["": 21]> layer (float[n, c, d] x, float[c] scale, float[c] bias) => (float[n, c, d] y)'
    "{ y = GroupNormalization <num_groups = 1> (x, scale, bias) }"
)
fed = {"x": np.ones((0, 2, 3), np.float32), "scale": np.ones(2, np.float32), "bias": np.ones(2, np.float32)}
try:
    onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString()).run(None, fed)
except onnxruntime.capi.onnxruntime_pybind11_state.Fail as error:
    raised = str(error)
print("it raises:", raised.partition("Status")[0])
assert "reshape" in raised.lower()
