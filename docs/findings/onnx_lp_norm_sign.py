"""ONNX' reference evaluator: LpNormalization with p=1 divides by the sum of x, not of its absolute values."""

import numpy as np
import onnx.parser
import onnx.reference

text = '<ir_version: 10, opset_import: ["": 22]> layer (float[n] x) => (float[n] y) { y = LpNormalization <axis = 0, p = 1> (x) }'
x = np.array([1.0, -3.0], np.float32)
(y,) = onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run(None, {"x": x})
print(f"x {x} over the sum of its absolute values is {x / np.abs(x).sum()}, and y {y}")
assert np.allclose(y, x / x.sum())
