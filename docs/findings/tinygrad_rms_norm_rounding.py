"""tinygrad compiles a cast of float32 to float16 and back to nothing: RMS norm of float16 with a float32 weight does not round."""

import numpy as np
from tinygrad import Tensor, nn

cast = Tensor(np.array([300000.0, 1.0001], np.float32)).cast("float16").cast("float32").numpy()
print(f"300000 and 1.0001 in float16 are {cast}, must be [inf, 1]")
x = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float16)
y = nn.RMSNorm(7)(Tensor(x)).numpy()  # the weight is float32, and 1
print(f"y has the dtype {y.dtype}, and {np.sum(y != y.astype(np.float16))} of {y.size} numbers that are none of float16, must be 0")
assert np.sum(y != y.astype(np.float16)) > 0
