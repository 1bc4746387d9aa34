"""ONNX' reference evaluator: RMSNormalization gives x's dtype where the standard has that of scale."""

import numpy as np
import onnx.parser
import onnx.reference

text = (
    '<ir_version: 10, opset_import: ["": 23]> layer (float16[n, d] x, float[d] scale) => (float[n, d] y){ y = RMSNormalization (x, scale) }'
)
fed = {"x": np.ones((2, 3), np.float16), "scale": np.ones(3, np.float32)}
(y,) = onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run(None, fed)
print(f"x is {fed['x'].dtype}, scale {fed['scale'].dtype}, y {y.dtype}")
assert y.dtype == np.float16
