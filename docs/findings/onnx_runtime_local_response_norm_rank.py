"""ONNX Runtime: LRN takes four axes alone, where the standard has N x C x D1 x D2 ... Dn."""

import numpy as np
import onnx.parser
import onnxruntime

text = '<ir_version: 10, opset_import: ["": 13]> layer (float[n, c, d] x) => (float[n, c, d] y) { y = LRN <size = 3> (x) }'
try:
    onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString()).run(None, {"x": np.ones((2, 3, 4), np.float32)})
except onnxruntime.capi.onnxruntime_pybind11_state.Fail as error:
    raised = str(error)
print("it raises:", raised[:400])
assert "NumDimensions() == 4 was false" in raised
