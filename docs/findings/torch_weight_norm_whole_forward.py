"""Weight norm over a whole weight has no derivative in forward mode: an error is raised in its place."""

import torch
from torch.autograd import forward_ad

module = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 2, bias=False), dim=None)
made, v, g = module.parametrizations["weight"][0], torch.rand(2, 3), torch.tensor(1.0)
raised = "nothing"
try:
    with forward_ad.dual_level():
        made(g, forward_ad.make_dual(v, torch.rand(2, 3)))
except RuntimeError as error:
    raised = str(error)
print("it raises:", raised[:74])
assert "a different size" in raised
