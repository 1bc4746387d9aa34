"""ONNX Runtime: LRN refuses a window of even length, which the standard defines."""

import numpy as np
import onnx.parser
import onnxruntime

text = '<ir_version: 10, opset_import: ["": 13]> layer (float[n, c, h, w] x) => (float[n, c, h, w] y) { y = LRN <size = 4> (x) }'
try:
    onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString()).run(None, {"x": np.ones((2, 3, 4, 5), np.float32)})
except onnxruntime.capi.onnxruntime_pybind11_state.Fail as error:
    raised = str(error)
print("it raises:", raised[:400])
assert "size_ % 2 == 1 was false" in raised
