"""What PyTorch's layer norm does not keep of its promises. Imports no framework."""

from normspec.backends.torch_common_deviations import DECOMPOSITIONS, HALF, IN_FLOAT32, MIXED, row

ROWS = (
    row(
        "layer_norm_half_gradients",
        id="torch-layer-norm-half-gradients",
        title="Layer norm with 16-bit parameters adds up the gradients of weight and bias in 16 bits, and takes that of x from rounded "
        "statistics",
        size="101 roundings in the gradient of bias, 17 in that of x, at 4096 rows",
        clause="layer-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"dx": 0.13, "dscale": 0.18, "dshift": 0.6},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_layer_norm_backward",
    ),
    row(
        "layer_norm_mixed_gradients",
        id="torch-layer-norm-mixed-gradients",
        title="Layer norm of 16-bit x with float32 parameters: their float32 gradients, too, are added up in 16 bits",
        size="-22.78 for -22.89 at 4096 rows",
        clause="layer-norm.statistics-dtype",
        cases="*",
        dtypes=MIXED,
        modes=("train", "evaluate", "freeze"),
        quantities={"dscale": 0.09, "dshift": 0.4},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_layer_norm_backward",
        implementations=("torch", "torch:functional"),  # compiled, another one
    ),
    row(
        "layer_norm_bias_alone",
        id="torch-layer-norm-bias-alone",
        title="Layer norm of 16-bit x with a float32 bias and no weight, which the function takes, has no gradients: an error is raised in "
        "their place; with a weight and no bias it has them",
        size="RuntimeError: expected scalar type Half but found Float",
        clause="layer-norm.gradient.shift",
        cases="layer-norm.shift/last-without-scale/*",
        dtypes=MIXED,
        modes=("train", "evaluate", "freeze"),
        of={"scale": False, "shift": True},
        quantities={"dx": 1, "dshift": 1},
        raises="but found Float",
        promise="torch.nn.functional.layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05)",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.functional.layer_norm.html",
        implementations=("torch:functional",),
    ),
)
