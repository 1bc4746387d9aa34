"""What PyTorch's instance norm does not keep of its promises: it is batch norm of one sample of all samples' channels.

Imports no framework.
"""

from datetime import date

from normspec.backends.torch_common_deviations import DECOMPOSITIONS, HALF, IN_FLOAT32, MIXED
from normspec.deviation import Deviation

ROWS = (
    Deviation(
        id="torch-instance-norm-half-statistics",
        title="Instance norm of 16-bit x, where no parameter is float32, rounds mean and 1 / deviation to 16 bits before it uses them",
        size="y errs by 57 roundings of float16, where computing in float32 errs by 1",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 0.2, "dx": 0.1},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper, native_batch_norm_backward",
        reproduction="docs/findings/torch_instance_norm_half_statistics.py",
        upstream="https://github.com/pytorch/pytorch/issues/159309 (closed)",
        versions="2.13.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
        id="torch-instance-norm-half-sums",
        title="Instance norm with 16-bit parameters rounds every sample's share in the gradients of weight and bias to 16 bits before it "
        "adds them up; that of weight comes from rounded statistics besides",
        size="0 for 0.3",
        clause="instance-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"dscale": 0.1, "dshift": 0.23},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_backward",
        reproduction="docs/findings/torch_instance_norm_half_sums.py",
        upstream="none found",
        versions="2.13.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
        id="torch-instance-norm-plain-mixed",
        title="Instance norm of 16-bit x without weight and bias computes in 16 bits, and rounds float32 running statistics to them",
        size="running mean 0.3332520 for 0.3333333, at a momentum of 0",
        clause="instance-norm.statistics-dtype",
        cases="instance-norm.*/kept-plain-*",
        dtypes=MIXED,
        modes=("train", "evaluate", "freeze", "observe"),
        of={"scale": False},
        quantities={"y": 0.3, "dx": 0.15, "running_mean": 0.25, "running_variance": 0.2},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper",
        reproduction="docs/findings/torch_instance_norm_plain_mixed.py",
        upstream="none found",
        versions="2.13.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
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
        reproduction="docs/findings/torch_instance_norm_empty.py",
        upstream="none found",
        versions="2.13.0",
        reviewed=date(2026, 11, 20),
    ),
)
