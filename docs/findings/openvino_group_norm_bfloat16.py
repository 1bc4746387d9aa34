"""OpenVINO compiles no group_normalization of a bfloat16 model for a CPU."""

import numpy as np
import openvino as ov
from openvino import opset12

at, ones = opset12.parameter([2, 6, 5], ov.Type.bf16), np.ones(6, np.float32)
owned = [opset12.constant(ones, ov.Type.bf16) for _ in range(2)]
model = ov.Model([opset12.group_normalization(at, *owned, 3, 1e-3)], [at])
try:
    ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
except RuntimeError as error:
    raised = str(error)
print(next(line for line in raised.splitlines() if "GroupNormalization" in line))
assert "Unsupported operation of type: GroupNormalization" in raised
