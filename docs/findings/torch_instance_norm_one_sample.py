"""Instance norm between two convolutions, channels last, of one sample: the gradient of the first convolution is another one."""

import torch

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.InstanceNorm2d(8), torch.nn.Conv2d(8, 4, 3)).double()
x = torch.randn(1, 3, 9, 9, dtype=torch.float64)
gradients = []
for layout in (torch.contiguous_format, torch.channels_last):
    y = net.to(memory_format=layout)(x.to(memory_format=layout))
    gradients += torch.autograd.grad(y.square().sum(), net[0].weight)
largest, off = gradients[0].abs().max().item(), (gradients[1] - gradients[0]).abs().max().item()
print(f"the gradient, up to {largest:.3g}, is off by {off:.3g} where everything lies channels last")
assert off > largest / 10
