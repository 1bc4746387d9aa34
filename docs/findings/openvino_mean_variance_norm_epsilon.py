"""OpenVINO's mvn of a float16 model: along some axes eps is rounded to float16, which has no 1e-9, and zeros give no number."""

import numpy as np
import openvino as ov
from openvino import opset6

x = np.zeros((2, 3, 4), np.float16)
at = opset6.parameter([2, 3, 4], np.float16)
layers = [opset6.mvn(at, opset6.constant(np.array([axis])), True, 1e-9, "inside_sqrt") for axis in (1, 2)]
compiled = ov.Core().compile_model(ov.Model(layers, [at]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
for axis, y in zip((1, 2), compiled([x]).values(), strict=True):
    print(f"of zeros, along axis {axis}:", y.ravel()[0], "for 0.0")
assert np.all(np.isnan(compiled([x])[0]))
