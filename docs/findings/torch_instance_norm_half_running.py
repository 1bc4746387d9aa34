"""Instance norm in float16 rounds every sample's share in the running mean to 16 bits before it takes their mean."""

import torch

x = torch.tensor([[[1.0, 1.0 + 2.0**-10]], [[-1.0, -1.0]]]).half()
mean, variance = torch.zeros(1).half(), torch.ones(1).half()
torch.nn.functional.instance_norm(x, mean, variance, momentum=1.0)
exact = x.double().mean().item()
print(f"the running mean is {mean.item()}, and must be {exact}, which float16 has")
assert mean.item() != exact
