"""tinygrad: training refuses a batch of one value in each channel, but the running mean has moved by then."""

import numpy as np
from tinygrad import Context, Tensor, nn

layer = nn.BatchNorm(2)
training = Tensor.train() if hasattr(Tensor, "train") else Context(TRAINING=1)  # 0.13 has the first
try:
    with training:
        layer(Tensor(np.array([[1.0, 2.0]], np.float32)))
except ZeroDivisionError as refused:
    print("it refuses:", refused)
print(f"running mean is {layer.running_mean.numpy()}, must be [0, 0]; running variance is {layer.running_var.numpy()}")
assert np.abs(layer.running_mean.numpy()).max() > 0.1
