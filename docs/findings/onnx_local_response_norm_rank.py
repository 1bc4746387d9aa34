"""ONNX' reference evaluator: LRN takes four axes alone, where the standard has N x C x D1 x D2 ... Dn."""

import numpy as np
import onnx.parser
import onnx.reference

text = '<ir_version: 10, opset_import: ["": 13]> layer (float[n, c, d] x) => (float[n, c, d] y) { y = LRN <size = 3> (x) }'
try:
    onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run(None, {"x": np.ones((2, 3, 4), np.float32)})
except RuntimeError as error:
    raised = str(error)
print("it raises:", raised)
assert "only applies on 4D" in raised
