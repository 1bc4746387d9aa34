"""CrossMapLRN2d never takes the first channel out of its window again, and its gradient goes through windows one place too far before."""

import torch

channels, size = 9, 5
x = torch.full((1, channels, 1, 1), 1e-6, dtype=torch.float64)
x[:, 0] = 1
base = x / torch.nn.CrossMapLRN2d(size, alpha=size, beta=1)(x)  # 1 + the sum of squares in the window
print("1 + the sum of squares, channel by channel:", base.ravel().tolist(), "and must be 2 in the first three, then 1")
assert base.ravel()[3:].sub(2).abs().max() < 1e-9

x = torch.linspace(1, 2, channels, dtype=torch.float64).view(1, channels, 1, 1).requires_grad_()
dy = torch.zeros_like(x.detach())
dy[:, 4] = 1
(dx,) = torch.autograd.grad(torch.nn.CrossMapLRN2d(size, alpha=size, beta=1)(x), [x], dy)
reached = dx.ravel().nonzero().ravel().tolist()
print("y of channel 4 depends, by its gradient, on channels", reached, "and must on 2 to 6")
assert reached == [3, 4, 5, 6, 7]
