"""PyTorch's weight norm differentiated twice is not the derivative of what it gives differentiated once: its norm stays as it is."""

import torch

x = torch.tensor([[3.0, 4.0]], dtype=torch.float64, requires_grad=True)
dy, w = torch.tensor([[1.0, 2.0]], dtype=torch.float64), torch.tensor([[1.0, 0.0]], dtype=torch.float64)
module = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 1, bias=False, dtype=torch.float64))
made, g = module.parametrizations["weight"][0], torch.ones(1, 1, dtype=torch.float64)
gradients = []
for point in (x, x + 1e-6 * w, x - 1e-6 * w):
    gradients += torch.autograd.grad(made(g, point), point, dy, create_graph=True)
(twice,) = torch.autograd.grad(gradients[0], x, w)
difference = (gradients[1] - gradients[2]).detach() / 2e-6
print("differentiated twice:", *(f"{d:.4f}" for d in twice.ravel()), "for", *(f"{d:.4f}" for d in difference.ravel()))
assert (twice - difference).abs().max() > 0.01
