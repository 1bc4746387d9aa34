"""ONNX Runtime: LRN refuses alpha=0, with which y is x over bias to the power of beta."""

import numpy as np
import onnx.parser
import onnxruntime

text = (
    '<ir_version: 10, opset_import: ["": 13]> layer (float[n, c, h, w] x) => (float[n, c, h, w] y) { y = LRN <size = 3, alpha = 0.0> (x) }'
)
try:
    onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString()).run(None, {"x": np.ones((2, 3, 4, 5), np.float32)})
except onnxruntime.capi.onnxruntime_pybind11_state.Fail as error:
    raised = str(error)
print("it raises:", raised[:400])
assert "alpha_ > 0.0f was false" in raised
