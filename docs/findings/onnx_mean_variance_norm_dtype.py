"""ONNX' reference evaluator: MeanVarianceNormalization takes float32 alone, for its body adds a constant of that dtype."""

import numpy as np
import onnx.parser
import onnx.reference

for dtype, name in (("float64", "double"), ("float16", "float16")):
    text = (
        f'<ir_version: 10, opset_import: ["": 13]> layer ({name}[n, c, h, w] x) => ({name}[n, c, h, w] y)'
        "{ y = MeanVarianceNormalization (x) }"
    )
    try:
        onnx.reference.ReferenceEvaluator(onnx.parser.parse_model(text)).run(None, {"x": np.ones((2, 3, 4, 5), dtype)})
    except onnx.reference.op_run.RuntimeTypeError as error:
        raised = str(error)
    print(f"{dtype}: it raises: {raised[:120]}")
assert "type" in raised.lower()
