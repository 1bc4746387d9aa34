"""What Flax 0.12.8 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from normspec.backends import flax_group_norm_deviations, flax_half_deviations, flax_huge_deviations, flax_mask_deviations
from normspec.backends.flax_common_deviations import HALF, NNX, STATISTICS, row

DOUBLE = (("float64", "float64"),)
IN_PARAM_DTYPE = "The dtype of the parameters, by default float32."
UPSTREAM = "https://github.com/google/flax/issues/5577 (the same scales, which are no parameters besides)"

BATCH_NORM = (
    row(
        "batch_norm_linen_state_dtype",
        id="flax-batch-norm-linen-state-dtype",
        title="The float32 running statistics of linen's batch norm become float64 at the first step in float64",
        size="float64 for float32",
        clause="batch-norm.running.state-dtype",
        dtypes=DOUBLE,
        modes=("train", "evaluate", "freeze", "observe"),
        quantities={"running_mean": 1.0, "running_variance": 1.0},
        implementations=("flax:linen",),
        shows="float64",
        promise="jnp.float32 if self.force_float32_reductions else self.param_dtype",
        source="flax/linen/normalization.py: BatchNorm.__call__, ra_mean and ra_var",
    ),
    row(
        "batch_norm_linen_float64_evaluation",
        id="flax-batch-norm-linen-float64-evaluation",
        title="linen's batch norm evaluates a float64 x with 1 / deviation in float32, as long as its statistics are float32",
        size="y errs by 2.9e-10 of itself, 3e6 roundings of float64, in the reproduction",
        clause="batch-norm.statistics-dtype",
        dtypes=DOUBLE,
        modes=("evaluate", "freeze"),
        quantities={"y": 0.028, "dx": 0.09, "dscale": 0.032},
        implementations=("flax:linen",),
        within={"statistics_dtype": "float32"},
        promise="promote x to at least float32, this avoids half precision computation but preserves double or complex floating points",
        source=STATISTICS,
    ),
)
WEIGHT_NORM = (
    row(
        "weight_norm_nnx_param_dtype",
        id="flax-weight-norm-nnx-param-dtype",
        title="Weight norm of nnx makes its scales in JAX' default dtype, whatever `param_dtype` is",
        size="float32 for bfloat16 in the reproduction; float64, where JAX computes in that",
        clause="weight-norm.initial-scale",
        dtypes=(("float32", "float32"), *HALF),
        modes=("born",),
        quantities={"scale": 1.0},
        implementations=("flax:nnx",),
        shows="float64",
        promise=IN_PARAM_DTYPE,
        source=f"{NNX}WeightNorm",
        upstream=UPSTREAM,
    ),
    row(
        "weight_norm_nnx_param_dtype",
        id="flax-weight-norm-nnx-promoted",
        title="Weight norm of nnx promotes the weight to that dtype, as long as no scales of another dtype are put in their place",
        size="float32 for bfloat16 in the reproduction",
        clause="weight-norm.output",
        cases="weight-norm.initial-scale/last-made/*",
        dtypes=(("float32", "float32"), *HALF),
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 1.0, "scale": 1.0, "dscale": 1.0},
        implementations=("flax:nnx",),
        shows="float64",
        promise=IN_PARAM_DTYPE,
        source=f"{NNX}WeightNorm",
        upstream=UPSTREAM,
    ),
)

DEVIATIONS = (
    *flax_half_deviations.ROWS,
    *flax_huge_deviations.ROWS,
    *flax_mask_deviations.ROWS,
    *BATCH_NORM,
    *flax_group_norm_deviations.ROWS,
    *WEIGHT_NORM,
)
