"""ONNX' reference evaluator: LRN takes the squares for as many channels as there are samples; one of four axes, here all ones."""

import numpy as np
import onnx.parser
import onnx.reference

text = (
    '<ir_version: 10, opset_import: ["": 13]> layer (float[n, c, h, w] x) => (float[n, c, h, w] y)'
    "{ y = LRN <size = 3, alpha = 3.0, beta = 1.0> (x) }"
)
run = onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run
one, many = (run(None, {"x": np.ones((samples, 4, 1, 1), np.float32)})[0][0].ravel() for samples in (1, 4))
print(f"a sample alone gives {one}, and among four that are equal {many}")
assert np.allclose(many, 1 / np.array([3, 4, 4, 3])), many
assert np.allclose(one, [1 / 3, 1, 1, 1])
