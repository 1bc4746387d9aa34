"""Local response norm on a CPU takes 16-bit x of rank 3, and raises an error from rank 4 on."""

import numpy as np
import torch

layer = torch.nn.LocalResponseNorm(5)
raised = []
for dtype in (torch.float16, torch.bfloat16):
    x = torch.tensor(np.random.default_rng(0).normal(size=(3, 7, 5, 6))).to(dtype)
    layer(x[..., 0])
    try:
        layer(x)
    except NotImplementedError as error:
        raised.append(str(error))
print(*raised, sep="; ")
assert len(raised) == 2
