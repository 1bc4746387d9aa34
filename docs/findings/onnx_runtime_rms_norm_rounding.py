"""ONNX Runtime: what scale multiplies in RMSNormalization of float16 is not rounded to float16 first."""

import numpy as np
import onnx.parser
import onnxruntime

text = (
    '<ir_version: 10, opset_import: ["": 23]> layer (float16[n, d] x, float16[d] scale) => (float16[n, d] y)'
    "{ y = RMSNormalization <epsilon = 0.0, stash_type = 1> (x, scale) }"
)
x, scale = (np.random.default_rng(0).normal(size=shape).astype(np.float16) for shape in ((50, 64), (64,)))
run = onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString()).run
(y,), exact = run(None, {"x": x, "scale": scale}), x / np.sqrt(np.square(x, dtype=np.float64).mean(1, keepdims=True))
first, last = exact.astype(np.float16) * scale, (exact * scale).astype(np.float16)
print(f"of {y.size} values {np.sum(y == first)} are as if rounded before scale, {np.sum(y == last)} as if rounded once, at the end")
assert np.sum(y == last) > np.sum(y == first)
