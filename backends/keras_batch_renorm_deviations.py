"""What Keras 3.15.1 on a CPU does not keep of its promises in batch renormalization. Imports no framework.

It is one class with batch normalization, so that what is shared is shown by the reproductions of that.
"""

from normspec.backends.keras_batch_norm_deviations import NEGATIVE, NEGATIVE_ON_NUMPY, NEGATIVE_ON_OPENVINO
from normspec.backends.keras_common_deviations import (
    DOUBLE,
    IN_FLOAT32,
    IN_ONE_PASS,
    PARAMETERS,
    POLICY,
    born,
    float64,
    one_pass,
    row,
)

STATE = ("running_mean", "running_variance", "running_deviation", "renorm_mean", "renorm_deviation")
LADDER = "batch-renorm.accuracy/*"
OF_CLASS = "batch_norm_float64"


def _kept(mean: float, variance: float, deviation: float, own_mean: float, own_deviation: float) -> dict[str, float]:
    """Give the shares of what is kept."""
    return dict(zip(STATE, (mean, variance, deviation, own_mean, own_deviation), strict=True))


def _spread(size: float) -> dict[str, float]:
    """Give the share of what is kept but for the means, which one pass takes as two do."""
    return {name: size for name in STATE if not name.endswith("mean")}


ON_JAX = {"y": 0.4, "dx": 0.78, "dscale": 0.34, "dshift": 0.95, **_kept(0.7, 0.36, 0.65, 0.34, 0.74)}
ON_TORCH = {"y": 0.5, "dx": 0.6, "dscale": 0.15, "dshift": 0.45, **_kept(0.7, 0.28, 0.62, 0.34, 0.71)}
ON_NUMPY = {"y": 0.8, **_kept(0.7, 0.72, 0.73, 0.34, 0.74)}
ON_OPENVINO = {"y": 0.4, **_kept(0.7, 0.28, 0.62, 0.34, 0.71)}

DEVIATIONS = (
    float64("batch_renorm", "jax", "y errs by 2.4e-07, the moving variance by 8.0e-08", ON_JAX, OF_CLASS),
    float64("batch_renorm", "torch", "y errs by 2.3e-07, the moving variance by 4.9e-08", ON_TORCH, OF_CLASS, within=IN_ONE_PASS),
    float64("batch_renorm", "numpy", "y errs by 3.2e-07, the moving variance by 8.0e-08", ON_NUMPY, OF_CLASS, within=IN_ONE_PASS),
    float64("batch_renorm", "openvino", "y errs by 2.3e-07, the moving variance by 4.9e-08", ON_OPENVINO, OF_CLASS, within=IN_ONE_PASS),
    one_pass("batch_renorm", "torch", NEGATIVE, {"y": 0.14, "dx": 0.12, "dscale": 0.015, **_spread(0.14)}, "batch_norm_one_pass", LADDER),
    one_pass("batch_renorm", "numpy", NEGATIVE_ON_NUMPY, {"y": 0.8, **_spread(0.73)}, "batch_norm_one_pass", LADDER),
    one_pass("batch_renorm", "openvino", NEGATIVE_ON_OPENVINO, {"y": 0.09, **_spread(0.12)}, "batch_norm_one_pass", LADDER),
    row(
        "batch_renorm_floor",
        id="keras-batch-renorm-floor",
        title="Batch renorm on TensorFlow floors a float64 deviation at the root of an epsilon that is rounded to float32",
        size="where the deviation kept is 0, y errs by 2.4e-08 of itself, in float64",
        clause="batch-renorm.floor",
        cases="batch-renorm.epsilon/*-default-*",
        dtypes=DOUBLE,
        modes=("train",),
        quantities={"y": 0.017, "dx": 0.014, "dscale": 0.0006},
        implementations=("keras:tensorflow",),
        within=IN_FLOAT32,
        promise=POLICY,
        source="https://www.tensorflow.org/api_docs/python/tf/keras/DTypePolicy",
        upstream="none found",
    ),
    born("batch_renorm", (*PARAMETERS, *STATE)),
)
