"""tinygrad: group and instance norm refuse an empty batch, which other layers take."""

import numpy as np
from tinygrad import Tensor, nn

x, raised = Tensor(np.zeros((0, 4, 3), np.float32)), []
print("layer norm gives", nn.LayerNorm(3)(x).shape)
for layer in (nn.GroupNorm(2, 4), nn.InstanceNorm(4)):
    try:
        layer(x)
    except ZeroDivisionError as error:
        raised.append(str(error))
print("group and instance norm raise:", raised)
assert len(raised) == 2
