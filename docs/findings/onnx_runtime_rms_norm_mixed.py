"""ONNX Runtime: an RMSNormalization of float16 x with a float32 scale is refused, which the standard has."""

import numpy as np
import onnx.parser
import onnxruntime

text = (
    '<ir_version: 10, opset_import: ["": 23]> layer (float16[n, d] x, float[d] scale) => (float[n, d] y){ y = RMSNormalization (x, scale) }'
)
fed = {"x": np.ones((2, 3), np.float16), "scale": np.ones(3, np.float32)}
try:
    onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString()).run(None, fed)
except onnxruntime.capi.onnxruntime_pybind11_state.Fail as error:
    raised = str(error)
print("it raises:", raised)
assert "bound to different types" in raised
