"""weight_norm adds 1e-12 to norms: a small weight is another after it, and as its length is made it adds it to the square."""

import numpy as np
import paddle

weight = np.array([[0.6, 0.8]]) * 1e-6
layer = paddle.nn.Identity()
layer.weight = layer.create_parameter([1, 2], dtype="float64")
layer.weight.set_value(weight)
paddle.nn.utils.weight_norm(layer, dim=None)
layer(paddle.zeros([1]))
length = layer.weight_g.item()
print(f"a weight of norm 1e-6 has a length of {length:.7g}, and is {layer.weight.numpy()[0]} for {weight[0]}")
layer.weight_g.set_value(np.array(1e-6))
layer(paddle.zeros([1]))
print(f"with a length of 1e-6 it errs by {abs(layer.weight.numpy()[0, 0] / weight[0, 0] - 1):.1e}")
assert abs(length - np.sqrt(2) * 1e-6) < 1e-9
assert abs(layer.weight.numpy()[0, 0] / weight[0, 0] - 1) > 5e-7
