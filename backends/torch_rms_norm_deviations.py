"""What PyTorch's RMS norm does not keep of its promises. Imports no framework."""

from normspec.backends.torch_common_deviations import row

ROWS = (
    row(
        "rms_norm_huge",
        id="torch-rms-norm-huge",
        title="RMS norm of float32 x near 1e17 loses the way through the statistics in dx, for the third power of 1 / RMS underflows",
        size="dx is off by 0.29 of the largest",
        clause="rms-norm.gradient.x",
        cases="rms-norm.gradient.x/*-huge/*",
        dtypes=(("float32", "float32"),),
        modes=("train",),
        quantities={"dx": 7e5},
        promise="Compute and return the sum of gradients of outputs with respect to the inputs.",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.autograd.grad.html",
    ),
)
