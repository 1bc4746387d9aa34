"""What PyTorch's group norm does not keep of its promises. Imports no framework."""

from datetime import date

from normspec.backends.torch_common_deviations import DECOMPOSITIONS, HALF, SINGLE
from normspec.deviation import Deviation

ROWS = (
    Deviation(
        id="torch-group-norm-half-gradients",
        title="Group norm with 16-bit parameters, whose y is right, takes the gradients of x and weight from a mean and 1 / deviation that "
        "it has rounded to 16 bits",
        size="7.2 roundings of float16 in the gradient of x, 3.4 in that of weight, 0.6 in y",
        clause="group-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"dx": 0.1, "dscale": 0.07},
        within={"statistics_dtype": "input"},
        promise="@pw_cast_for_opmath",  # native_group_norm promises float32, too, but gives the backward pass what it has rounded
        source=f"{DECOMPOSITIONS}: native_group_norm_backward",
        reproduction="docs/findings/torch_group_norm_half_gradients.py",
        upstream="none found (https://github.com/pytorch/pytorch/issues/77507, closed, is of y)",
        versions="2.13.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
        id="torch-group-norm-bias-alone",
        title="Group norm with a bias and no weight, which the function takes, has no gradients: an error is raised in their place",
        size="RuntimeError: tensor does not have a device",
        clause="group-norm.gradient.shift",
        cases="group-norm.s[ch]*/first-[fw]*/*",  # scale/first-false and shift/first-without-scale
        dtypes=SINGLE,
        modes=("train",),
        quantities={"dx": 1, "dshift": 1},
        raises="RuntimeError: tensor does not have a device",
        promise="torch.nn.functional.group_norm(input, num_groups, weight=None, bias=None, eps=1e-05)",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.functional.group_norm.html",
        reproduction="docs/findings/torch_group_norm_bias_alone.py",
        upstream="none found",
        versions="2.13.0",
        reviewed=date(2026, 11, 20),
        implementations=("torch:functional",),
    ),
)
