"""ONNX' reference evaluator: BatchNormalization of float16 x rounds float32 running statistics to float16; beyond 65504 they are lost."""

import numpy as np
import onnx.parser
import onnx.reference

text = (
    '<ir_version: 10, opset_import: ["": 15]> layer (float16[n, c] x, float[c] s, float[c] b, float[c] m, float[c] v)'
    "=> (float16[n, c] y, float[c] mean, float[c] var) { y, mean, var = BatchNormalization <training_mode = 1> (x, s, b, m, v) }"
)
fed = {**dict.fromkeys("sbm", np.ones(1, np.float32)), "v": np.array([8e4], np.float32), "x": np.array([[-3.0], [3.0]], np.float16)}
_, mean, variance = onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run(None, fed)
print(f"the running variance must be {0.9 * 8e4 + 0.1 * 9:.6g} in float32, and is {variance} in {variance.dtype}")
assert mean.dtype == variance.dtype == np.float16
