"""OpenVINO's batch norm of a float16 model: scale / deviation, and shift less mean times that, are rounded to float16 beforehand."""

import numpy as np
import openvino as ov
from openvino import opset5

rng = np.random.default_rng(0)
x, (scale, shift, mean, variance) = rng.normal(size=(500, 3)).astype(np.float16), rng.uniform(1, 2, (4, 3)).astype(np.float16)
at, constants = opset5.parameter([500, 3], np.float16), [opset5.constant(a) for a in (scale, shift, mean, variance)]
model = ov.Model([opset5.batch_norm_inference(at, *constants, 1e-5)], [at])
(y,) = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})([x]).values()
x, scale, shift, mean, variance = (a.astype(np.float64) for a in (x, scale, shift, mean, variance))
true = scale * (x - mean) / np.sqrt(variance + 1e-5) + shift
off = np.abs(y - true) / np.spacing(np.abs(true).astype(np.float16))
print("y is off by up to", off.max(), "places of float16, of which a rounding is half a one")
assert off.max() > 10
