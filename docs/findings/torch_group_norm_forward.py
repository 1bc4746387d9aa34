"""Group norm of an x that lies channels last has no derivative in forward mode: an error is raised in its place."""

import torch
from torch.autograd import forward_ad

x, w = torch.rand(2, 4, 3, 5), torch.rand(2, 4, 3, 5)
raised = []
for layout in (torch.contiguous_format, torch.channels_last):
    try:
        with forward_ad.dual_level():
            y = torch.nn.functional.group_norm(forward_ad.make_dual(x.to(memory_format=layout), w), 2)
        raised += ["nothing"]
    except RuntimeError as error:
        raised += [str(error)[:39]]
print("it raises", *raised, sep=": ")
assert raised[0] == "nothing"
assert raised[1].startswith("view size is not compatible")
