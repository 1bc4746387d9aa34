"""ONNX' reference evaluator: GroupNormalization takes the variance as the mean of squares less the squared mean, which may be negative."""

import numpy as np
import onnx.parser
import onnx.reference

text = (
    '<ir_version: 10, opset_import: ["": 21]> layer (float[n, c, d] x, float[c] scale, float[c] bias) => (float[n, c, d] y)'
    "{ y = GroupNormalization <num_groups = 1> (x, scale, bias) }"
)
run = onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run
noise, one = np.random.default_rng(0).normal(size=(1, 2, 100)), {"scale": np.ones(2, np.float32), "bias": np.zeros(2, np.float32)}
for mean in (1e1, 1e3, 1e4):
    x = (mean + noise).astype(np.float32)
    (y,), exact = run(None, {"x": x, **one}), (x - x.mean(dtype=np.float64)) / x.std(dtype=np.float64)
    off = np.abs(y - exact).max()
    print(f"mean / deviation {mean:.0e}: y is off by {off:.2g}")
assert not off < 0.5
