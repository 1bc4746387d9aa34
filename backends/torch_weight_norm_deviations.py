"""What PyTorch's weight norm does not keep of its promises. Imports no framework."""

from normspec.backends.torch_common_deviations import row

ROWS = (
    row(
        "weight_norm_empty",
        id="torch-weight-norm-empty",
        title="Weight norm of rows without weights gives NaN as the gradient of g",
        size="NaN for 0",
        clause="weight-norm.gradient.scale",
        cases="weight-norm.output/*-empty/*",
        dtypes=(("float32", "float32"),),
        modes=("train", "evaluate", "freeze"),
        quantities={"dscale": 1.0},
        implementations=("torch", "torch:compile"),
        no_number=True,
        promise="Weight normalization is a reparameterization that decouples the magnitude of a weight tensor from its direction.",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parametrizations.weight_norm.html",
    ),
)
