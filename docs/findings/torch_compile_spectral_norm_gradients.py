"""Spectral norm of a matrix of three columns, as torch.compile makes it: the backward pass makes u again, from v as training left it."""

import numpy as np
import torch

rng = np.random.default_rng(0)
w, dy = (torch.tensor(rng.normal(size=(7, 3))) for _ in range(2))
module = torch.nn.Module()
module.weight = torch.nn.Parameter(w)
torch.nn.utils.parametrizations.spectral_norm(module)
parametrization = module.parametrizations.weight
u, v = (parametrization.state_dict()[name] for name in ("0._u", "0._v"))
v.copy_(torch.tensor([0.0, 0.0, 1.0]))  # as when the weight has changed since
parametrization.forward = torch.compile(parametrization.forward, dynamic=False)
got = torch.autograd.grad(module.weight, parametrization.original, dy)[0]
sigma = u @ w @ v
exact = dy / sigma - (dy * w).sum() / sigma**2 * torch.outer(u, v)
error = ((got - exact).abs().max() / exact.abs().max()).item()
print(f"the gradient is off by {error:.2g} of its largest")
assert error > 0.01
