"""ONNX' reference evaluator: MeanVarianceNormalization takes the variance as the mean of squares less the squared mean."""

import numpy as np
import onnx.parser
import onnx.reference

text = '<ir_version: 10, opset_import: ["": 13]> layer (float[n, c, h, w] x) => (float[n, c, h, w] y) { y = MeanVarianceNormalization (x) }'
run, noise = onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run, np.random.default_rng(0).normal(size=(5, 1, 7, 3))
for mean in (1e1, 1e3, 1e4):
    x = (mean + noise).astype(np.float32)
    (y,), exact = run(None, {"x": x}), (x - x.mean(dtype=np.float64)) / x.std(dtype=np.float64)
    off = np.abs(y - exact).max()
    print(f"mean / deviation {mean:.0e}: y is off by {off:.2g}")
assert not off < 0.5
