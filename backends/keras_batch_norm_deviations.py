"""What Keras 3.15.1 on a CPU does not keep of its promises in batch normalization. Imports no framework.

On NumPy there are shares above 1: its plain sums along leading axes go one by one. At mean / deviation 1e3 the variance of (37, 7, 5) so
taken errs by 0.40, and by 0.15 where the same values are contiguous.
"""

from normspec.backends.keras_common_deviations import (
    DOUBLE,
    IN_FLOAT32,
    IN_ONE_PASS,
    PARAMETERS,
    born,
    float64,
    no_number,
    one_pass,
    row,
)

LADDER = "batch-norm.accuracy/*"
NEGATIVE_ON_NUMPY = (
    "at mean / deviation 1e3, y errs by 0.59; at 1e4, the variances of five channels are -112, -40, 24, 0 and 56, and y is no number"
)
NEGATIVE = "at mean / deviation 1e3, y errs by 0.39; at 1e4, the variances of five channels are 0, -40, -16, 8 and 0, and y is no number"
ON_JAX = {"y": 0.37, "dx": 0.55, "dscale": 0.16, "dshift": 0.62, "running_mean": 0.73, "running_variance": 0.7}
ON_TORCH = {"y": 0.4, "dx": 0.62, "dscale": 0.23, "dshift": 0.42, "running_mean": 0.73, "running_variance": 0.7}
ON_NUMPY = {"y": 1.6, "running_mean": 0.57, "running_variance": 1.8}

DEVIATIONS = (
    float64("batch_norm", "jax", "y errs by 2.4e-07, the moving variance by 8.0e-08", ON_JAX),
    float64("batch_norm", "torch", "y errs by 2.3e-07, the moving variance by 4.9e-08", ON_TORCH, within=IN_ONE_PASS),
    float64("batch_norm", "numpy", "y errs by 3.2e-07, the moving variance by 8.0e-08", ON_NUMPY, within=IN_ONE_PASS),
    one_pass("batch_norm", "torch", NEGATIVE, {"y": 0.38, "dx": 0.38, "dscale": 0.05, "running_variance": 0.4}, cases=LADDER),
    one_pass("batch_norm", "numpy", NEGATIVE_ON_NUMPY, {"y": 1.6, "running_variance": 1.8}, cases=LADDER),
    row(
        "batch_norm_mask_count",
        id="keras-batch-norm-mask-count",
        title="Under a mask, means and variances are divided by the number of values plus 1e-7",
        size="the mean of 3 values is too small by 3.3e-08 of itself, in float64",
        clause="batch-norm.mask",
        cases="batch-norm.mask/*",
        dtypes=DOUBLE,
        quantities={"y": 0.005, "dx": 0.002, "dscale": 0.0013, "running_mean": 0.0018, "running_variance": 0.005},
        implementations=("keras:tensorflow",),
        within=IN_FLOAT32,
        promise="Masked elements of the current inputs are not taken into account for mean and variance computation during training.",
        source="https://keras.io/api/layers/normalization_layers/batch_normalization/",
        upstream="none found",
    ),
    no_number("batch_norm", "torch", {"y": 0.78, "dx": 26, "dscale": 0.04}),
    no_number("batch_norm", "numpy", {"y": 0.84}),
    born("batch_norm", (*PARAMETERS, "running_mean", "running_variance")),
)
