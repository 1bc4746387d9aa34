"""Weight norm of float16 as torch.compile makes it on a CPU: its gradients raise an error, where those of what is not compiled do not."""

import torch

layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 5, bias=False)).half()
x = torch.ones(2, 3, dtype=torch.float16)
layer(x).sum().backward()
y = torch.compile(layer, dynamic=False)(x)
try:
    y.sum().backward()
except RuntimeError as error:
    raised = str(error)
print(raised)
assert raised == "expected scalar type Float but found Half"
