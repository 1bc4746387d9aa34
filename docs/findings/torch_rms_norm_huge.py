"""PyTorch's RMS norm of x near 1e17: the third power of 1 / RMS underflows, and dx loses the way through the statistics."""

import torch

torch.manual_seed(0)
x, dy = 3e17 + 1e17 * torch.randn(5, 7), torch.randn(5, 7)
found = {}
for dtype in (torch.float32, torch.float64):
    leaf = x.to(dtype).requires_grad_()
    y = torch.nn.functional.rms_norm(leaf, (7,), eps=2**-10)
    found[dtype] = torch.autograd.grad(y, leaf, dy.to(dtype))[0].double()
off = (found[torch.float32] - found[torch.float64]).abs().max() / found[torch.float64].abs().max()
print(f"dx in float32 is off by {off:.2g} of the largest in float64, which float32 holds: {found[torch.float64].abs().max():.2g}")
assert off > 0.1
