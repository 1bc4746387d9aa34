"""Batch norm without running statistics, in evaluation, of bfloat16 x with float32 parameters, and a cotangent that is not contiguous."""

import torch

x, dy = torch.randn(2, 8, 5, 2, generator=torch.Generator().manual_seed(0)).bfloat16()
x.requires_grad_()
layer = torch.nn.BatchNorm1d(5, track_running_stats=False).eval()
exact = torch.nn.functional.batch_norm(x.double(), None, None, training=True, eps=layer.eps)
(right,) = torch.autograd.grad(exact, [x], dy.double())  # rounded to bfloat16 once, at the end
errors = []
for cotangent in (dy, torch.stack([dy, dy], -1)[..., 0]):
    (dx,) = torch.autograd.grad(layer(x), [x], cotangent)
    errors.append(((dx - right).abs().max() / right.abs().max()).item())
print(f"the gradient of x is off by {errors[1]:.4f} of the largest; where dy is contiguous, by {errors[0]:.1e}")
assert errors[0] < 1e-3 < errors[1]
