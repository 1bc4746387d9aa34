"""What Transformers 5.23.0 on a CPU does not keep of its promises. Imports no framework; the reproduction is run by the tests."""

from datetime import date

from normspec.backends.huge_rows import huge
from normspec.deviation import Deviation

DEVIATIONS = (
    Deviation(
        **huge("transformers", "RMS norm"),
        size="dx is off by 0.29 of the largest",
        promise="Computes and returns the sum of gradients of outputs with respect to the inputs.",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.autograd.grad.html",
        reproduction="docs/findings/transformers_rms_norm_huge.py",
        upstream="none found",
        versions="5.23.0",
        reviewed=date(2026, 11, 22),
        implementations=("transformers:llama", "transformers:t5"),
    ),
)
