"""What Keras 3.15.1 on a CPU does not keep of its promises in batch normalization. Imports no framework.

On NumPy shares are larger: its plain sums along leading axes go one by one. At mean / deviation 1e3 the variance of (37, 7, 5) so
taken errs by 0.40, and by 0.15 where the same values are contiguous.
"""

from normspec.backends.keras_common_deviations import (
    HALF,
    IN_ONE_PASS,
    PARAMETERS,
    along,
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
NEGATIVE_ON_OPENVINO = (
    "at mean / deviation 1e3, y errs by 0.11; at 1e4, the variances of five channels are -8, 0, 0, 0 and 0, and y is no number"
)
NEGATIVE = "at mean / deviation 1e3, y errs by 0.39; at 1e4, the variances of five channels are 0, -40, -16, 8 and 0, and y is no number"
ON_JAX = {"y": 0.37, "dx": 0.55, "dscale": 0.16, "dshift": 0.62, "running_mean": 0.73, "running_variance": 0.7, **along(0.36, 0.0076, 0.11)}
ON_TORCH = {
    "y": 0.4,
    "dx": 0.62,
    "dscale": 0.23,
    "dshift": 0.42,
    "running_mean": 0.73,
    "running_variance": 0.7,
    **along(0.41, 0.0071, 0.056),
}
ON_NUMPY = {"y": 0.52, "running_mean": 0.57, "running_variance": 0.6}
ON_OPENVINO = {"y": 0.6, "running_mean": 0.4, "running_variance": 0.4}

DEVIATIONS = (
    float64("batch_norm", "jax", "y errs by 2.4e-07, the moving variance by 8.0e-08", ON_JAX),
    float64("batch_norm", "torch", "y errs by 2.3e-07, the moving variance by 4.9e-08", ON_TORCH, within=IN_ONE_PASS),
    float64("batch_norm", "numpy", "y errs by 3.2e-07, the moving variance by 8.0e-08", ON_NUMPY, within=IN_ONE_PASS),
    float64("batch_norm", "openvino", "y errs by 2.3e-07, the moving variance by 4.9e-08", ON_OPENVINO, within=IN_ONE_PASS),
    one_pass("batch_norm", "torch", NEGATIVE, {"y": 0.11, "dx": 0.11, "dscale": 0.015, "running_variance": 0.13}, cases=LADDER),
    one_pass("batch_norm", "numpy", NEGATIVE_ON_NUMPY, {"y": 0.52, "running_variance": 0.6}, cases=LADDER),
    one_pass("batch_norm", "openvino", NEGATIVE_ON_OPENVINO, {"y": 0.6, "running_variance": 0.07}, cases=LADDER),
    row(
        "batch_norm_shards_half",
        id="keras-batch-norm-shards-half",
        title="Synchronized replicas round their gradients of 16-bit parameters before these are added up",
        size="the gradient of beta is 0 for 1",
        clause="batch-norm.statistics-dtype",
        cases="batch-norm.shards/*",
        dtypes=HALF,
        quantities={"dscale": 0.015, "dshift": 0.09},
        implementations=("keras:tensorflow",),
        within={"statistics_dtype": "input"},
        promise="BN is prone to overflow with float16/bfloat16 inputs, so we upcast to float32 for the subsequent computations.",
        source="keras/src/layers/normalization/batch_normalization.py: BatchNormalization.call",
        upstream="none found",
    ),
    no_number("batch_norm", "torch", {"y": 0.78, "dx": 26, "dscale": 0.04}),
    no_number("batch_norm", "numpy", {"y": 0.84}),
    born("batch_norm", (*PARAMETERS, "running_mean", "running_variance")),
)
