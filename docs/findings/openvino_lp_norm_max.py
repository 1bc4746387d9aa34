"""OpenVINO's normalize_l2 with eps_mode "max": eps is added to the sum of squares, and is no floor under it."""

import numpy as np
import openvino as ov
from openvino import opset1

x = np.array([[0.6, 0.8]], np.float32)
at = opset1.parameter([1, 2], np.float32)
layer = ov.Core().compile_model(ov.Model([opset1.normalize_l2(at, [1], 1.0, "max")], [at]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
(y,) = layer([x]).values()
print("the norm of y is", np.linalg.norm(y), "for", np.linalg.norm(x) / np.sqrt(max(np.sum(x**2), 1.0)))
assert abs(np.linalg.norm(y) - np.sqrt(0.5)) < 1e-4
