"""What PyTorch's instance norm does not keep of its promises: it is batch norm of one sample of all samples' channels.

Imports no framework.
"""

from normspec.backends.torch_common_deviations import DECOMPOSITIONS, HALF, IN_FLOAT32, MIXED, row, strided

ROWS = (
    row(
        "instance_norm_half_statistics",
        id="torch-instance-norm-half-statistics",
        title="Instance norm of 16-bit x, where no parameter is float32, rounds mean and 1 / deviation to 16 bits before it uses them",
        size="y errs by 57 roundings of float16, where computing in float32 errs by 1",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 0.2, "dx": 0.16},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper, native_batch_norm_backward",
        upstream="https://github.com/pytorch/pytorch/issues/159309 (closed)",
    ),
    row(
        "instance_norm_half_sums",
        id="torch-instance-norm-half-sums",
        title="Instance norm with 16-bit parameters rounds every sample's share in the gradients of weight and bias to 16 bits before it "
        "adds them up; that of weight comes from rounded statistics besides",
        size="0 for 0.3",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"dscale": 0.15, "dshift": 0.23},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_backward",
    ),
    strided(
        "instance_norm",
        "x",
        "Instance norm of one sample in 16 bits, whose cotangent is not contiguous, does with float32 parameters what batch norm does",
        dtypes=MIXED,
        modes=("train", "evaluate"),
        quantities={"dx": 0.085},
    ),
    strided(
        "instance_norm",
        "bias",
        "So it does that of bias, in bfloat16",
        dtypes=MIXED[1:],
        modes=("train", "evaluate"),
        quantities={"dshift": 0.2},
    ),
    row(
        "instance_norm_plain_mixed",
        id="torch-instance-norm-plain-mixed",
        title="Instance norm of 16-bit x without weight and bias computes in 16 bits, and rounds float32 running statistics to them",
        size="running mean 0.3332520 for 0.3333333, at a momentum of 0",
        clause="instance-norm.statistics-dtype",
        cases="instance-norm.*/kept-plain-*",
        dtypes=MIXED,
        modes=("train", "evaluate", "freeze", "observe"),
        of={"scale": False},
        quantities={"y": 0.3, "dx": 0.2, "running_mean": 0.25, "running_variance": 0.2},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper",
    ),
    row(
        "instance_norm_empty",
        id="torch-instance-norm-empty",
        title="Instance norm with a weight refuses an empty batch, and without one gives an empty y",
        size="IndexError: select(): index 0 out of range for tensor of size [0] at dimension 0",
        clause="instance-norm.output",
        cases="instance-norm.*/*-empty/*",
        dtypes=(("float32", "float32"),),
        modes=("train", "evaluate", "freeze"),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="select(): index 0 out of range",
        promise="Output: (N, C, L) or (C, L) (same shape as input)",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.InstanceNorm1d.html",
    ),
)
