"""OpenVINO computes a bfloat16 model in bfloat16, though float32 is asked for; one rounding of y is at most 0.4 % of it."""

import numpy as np
import openvino as ov
from openvino import opset6

bits = (np.random.default_rng(0).normal(16.0, 1.0, (5, 8)).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
x, at = (bits.astype(np.uint32) << 16).view(np.float32), opset6.parameter([5, 8], ov.Type.bf16)
owned = [opset6.constant(np.full(8, value, np.float32), ov.Type.bf16) for value in (1.5, -20.0, 1.0, 0.5)]
layers = [opset6.batch_norm_inference(at, *owned, 1e-3), opset6.normalize_l2(at, [1], 1e-3, "add")]
layers.append(opset6.mvn(at, opset6.constant(np.array([0])), True, 1e-3, "inside_sqrt"))
run = ov.Core().compile_model(ov.Model(layers, [at]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
found = [(y.view(np.uint16).astype(np.uint32) << 16).view(np.float32) for y in run([ov.Tensor(bits, bits.shape, ov.Type.bf16)]).values()]
less = x - x.mean(0)
true = [1.5 * (x - 1) / np.sqrt(0.501) - 20, x / np.sqrt((x**2).sum(1, keepdims=True) + 1e-3), less / np.sqrt((less**2).mean(0) + 1e-3)]
off = [np.abs(y / t - 1).max() for y, t in zip(found, true, strict=True)]
print("batch_norm_inference, normalize_l2 and mvn are off by", *(f"{100 * o:.2g} %" for o in off))
assert min(off) > 2**-8
