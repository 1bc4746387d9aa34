"""tinygrad: batch norm differentiated twice is not the derivative of what it gives differentiated once: the mean does not move there."""

import numpy as np
from tinygrad import Tensor, nn

layer = nn.BatchNorm(1, affine=False, track_running_stats=False)
x, dy, w = (Tensor(np.array(a)[:, None]).realize() for a in ([0.0, 1.0, 3.0, 7.0], [1.0, 2.0, -1.0, 0.5], [1.0, 0.0, 0.0, 0.0]))
points = [x, *(Tensor(x.numpy() + step * w.numpy()).realize() for step in (1e-6, -1e-6))]
gradients = [layer(point).gradient(point, gradient=dy)[0] for point in points]
twice = (gradients[0] * w).sum().gradient(x)[0].numpy().ravel()
difference = (gradients[1] - gradients[2]).numpy().ravel() / 2e-6
print("differentiated twice:", twice.round(4), "for", difference.round(4))
assert np.abs(twice - difference).max() > 1e-3
