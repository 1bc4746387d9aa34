"""PyTorch's batch norm in bfloat16 evaluates with other roundings where its parameters and buffers are strided: y errs by more."""

import torch

torch.manual_seed(0)
x, larger = torch.randn(64, 5, 7, 6).bfloat16(), (torch.rand(4, 10) + 0.5).bfloat16()
strided = [row[::2] for row in larger]
contiguous = [row.contiguous() for row in strided]
exact = torch.nn.functional.batch_norm(x.double(), *(a.double() for a in strided), eps=2**-10)
together, apart = (
    (torch.nn.functional.batch_norm(x, *arrays, eps=2**-10).double() - exact).abs().max().item() for arrays in (contiguous, strided)
)
print(f"y errs by {together:.2g} with contiguous parameters and buffers, by {apart:.2g} with strided ones of the same values")
assert apart > 1.5 * together
