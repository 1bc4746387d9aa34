"""MindSpore: L2Normalize rounds epsilon to float32, in float64, too."""

import mindspore
import numpy as np

x, epsilon = np.array([[3e-4, 4e-4]]), 1e-4
y = mindspore.ops.L2Normalize(axis=1, epsilon=epsilon)(mindspore.Tensor(x)).asnumpy()
found = {str(dtype.__name__): np.abs(y / (x / np.sqrt(np.float64(dtype(epsilon)))) - 1).max() for dtype in (np.float64, np.float32)}
print("y is off from x / sqrt(epsilon), epsilon being of each dtype, by", found)
assert y.dtype == np.float64
assert found["float64"] > 1e-9
assert found["float32"] < 1e-15
