"""OpenVINO compiles no lrn along the last of four axes for a CPU, though it takes the axes as an input."""

import numpy as np
import openvino as ov
from openvino import opset1

at = opset1.parameter([2, 3, 4, 5], np.float32)
try:
    ov.Core().compile_model(ov.Model([opset1.lrn(at, [3])], [at]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
except RuntimeError as error:
    raised = str(error)
print(next(line for line in raised.splitlines() if "Supports" in line))
assert "Supports only across channels" in raised
