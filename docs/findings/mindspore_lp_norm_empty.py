"""MindSpore: the gradient of L2Normalize refuses an empty batch, whose y there is."""

import mindspore
import numpy as np

x, normalize, raised = mindspore.Tensor(np.zeros((0, 3), np.float32)), mindspore.ops.L2Normalize(axis=1), ""
y, back = mindspore.vjp(lambda x: normalize(x), x)  # noqa: PLW0108 - an operation is no function itself
print("y is of shape", y.asnumpy().shape)
try:
    print("dx is of shape", back(x)[0].asnumpy().shape)
except RuntimeError as error:
    raised = str(error).splitlines()[0]
print("its gradient raises:", raised)
assert "Resize failed" in raised
