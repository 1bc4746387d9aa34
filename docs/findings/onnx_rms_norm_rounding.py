"""ONNX' reference evaluator: RMSNormalization of 16 bits is computed in these, where `stash_type` 1 promises float32."""

import numpy as np
import onnx.parser
import onnx.reference

text = (
    '<ir_version: 10, opset_import: ["": 23]> layer (float16[n, d] x, float16[d] scale) => (float16[n, d] y)'
    "{ y = RMSNormalization <epsilon = 0.0, stash_type = 1> (x, scale) }"
)
x = np.array([[300.0, 400.0]], np.float16)
(y,) = onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run(None, {"x": x, "scale": np.ones(2, np.float16)})
must = (x.astype(np.float32) / np.sqrt(np.square(x, dtype=np.float32).mean())).astype(np.float16)
print(f"in float32 and rounded, x {x} gives {must}; y is {y}")
assert not y.any()
