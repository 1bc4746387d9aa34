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
)
