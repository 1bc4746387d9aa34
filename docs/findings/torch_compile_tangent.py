"""A compiled function has no tangent in forward mode, and does not say so: zero, to whoever asks for it."""

import torch
from torch.autograd import forward_ad

x, w = torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 0.0]])
tangents = []
for normalize in (torch.nn.functional.normalize, torch.compile(torch.nn.functional.normalize)):
    with forward_ad.dual_level():
        tangents.append(forward_ad.unpack_dual(normalize(forward_ad.make_dual(x, w))).tangent)
print("tangent of y:", tangents[0].tolist(), "as it is,", tangents[1], "compiled")
assert tangents[0] is not None
assert tangents[1] is None
