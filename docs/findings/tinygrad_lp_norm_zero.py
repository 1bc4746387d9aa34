"""tinygrad: the gradient of Tensor.normalize is no number where x is 0, or its squares are, though epsilon is what it is divided by."""

import numpy as np
from tinygrad import Tensor

found = []
for value in (0.0, 1e-30):
    x = Tensor(np.full(3, value, np.float32)).realize()
    y = x.normalize(dim=0)
    found.append(y[0].gradient(x)[0].numpy())
    print(f"x = {value}: y is {y.numpy()}, the gradient of y[0] is {found[-1]}, must be [1e12, 0, 0]")
assert np.isnan(found).all()
