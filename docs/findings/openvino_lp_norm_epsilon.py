"""OpenVINO's normalize_l2 of a float16 model: along some axes eps is rounded to float16, which has no 1e-9, and zeros give no number."""

import numpy as np
import openvino as ov
from openvino import opset1

x = np.zeros((2, 3, 4), np.float16)
at = opset1.parameter([2, 3, 4], np.float16)
layers = [opset1.normalize_l2(at, [axis], 1e-9, "add") for axis in (2, 1)]
compiled = ov.Core().compile_model(ov.Model(layers, [at]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
for axis, y in zip((2, 1), compiled([x]).values(), strict=True):
    print(f"of zeros, along axis {axis}:", y.ravel()[0], "for 0.0")
assert np.all(np.isnan(compiled([x])[0]))
