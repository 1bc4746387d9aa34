"""PyTorch's instance norm of float16 x without weights rounds running statistics that are float32 to float16, at a momentum of 0, too."""

import torch

torch.manual_seed(0)
layer = torch.nn.InstanceNorm1d(3, momentum=0.0, track_running_stats=True)
before = torch.full((3,), 1 / 3)
layer.running_mean.copy_(before)
layer(torch.randn(2, 3, 40).half())
error = (layer.running_mean - before).abs().max().item()
print(f"running mean {layer.running_mean[0].item():.7f} for {before[0].item():.7f}, kept in {layer.running_mean.dtype}")
assert layer.running_mean.dtype == torch.float32
assert error > 2.0**-15
