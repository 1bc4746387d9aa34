"""tinygrad: an evaluation that is not realized before a training step takes the running statistics that the step leaves."""

import numpy as np
from tinygrad import Context, Tensor, nn

layer = nn.BatchNorm(1, affine=False, momentum=0.5)
x, other, dy = (Tensor(np.array(a, np.float32)[:, None]).realize() for a in ([1.0, 2.0], [1.0, 5.0], [1.0, 1.0]))
before, dx_before = layer(x).numpy().ravel(), layer(x).gradient(x, gradient=dy)[0].numpy().ravel()
training = Tensor.train() if hasattr(Tensor, "train") else Context(TRAINING=1)  # 0.13 has the first
y = layer(x)
dx = y.gradient(x, gradient=dy)[0]
with training:
    layer(other).realize(layer.running_mean, layer.running_var)
print(f"y is {y.numpy().ravel()}, must be {before}; its gradient is {dx.numpy().ravel()}, must be {dx_before}")
assert np.abs(y.numpy().ravel() - before).max() > 0.1
