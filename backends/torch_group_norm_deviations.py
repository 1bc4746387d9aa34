"""What PyTorch's group norm does not keep of its promises. Imports no framework."""

from normspec.backends.torch_common_deviations import DECOMPOSITIONS, EAGER, HALF, MAKE_DUAL, MIXED, SINGLE, row

ROWS = (
    row(
        "group_norm_half_gradients",
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
        upstream="none found (https://github.com/pytorch/pytorch/issues/77507, closed, is of y)",
    ),
    row(
        "group_norm_channels_last",
        id="torch-group-norm-channels-last",
        title="Group norm of an x that lies channels last takes the variance in one pass, and loses its digits where the mean is large",
        size="y errs by 70 000 000 roundings of float32 at mean / deviation 1024, by 1 600 otherwise",
        clause="group-norm.accuracy",
        cases="group-norm.accuracy/first-x-permuted-far-*",
        dtypes=SINGLE + HALF[:1] + MIXED[:1],
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 0.45, "dx": 0.25, "dscale": 0.05},
        within={"variance": "one_pass"},
        promise="The standard-deviation is calculated via the biased estimator, equivalent to `torch.var(input, unbiased=False)`.",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.GroupNorm.html",
        upstream="https://github.com/pytorch/pytorch/pull/54921 (mended where channels are not last)",
        implementations=EAGER,
    ),
    row(
        "group_norm_forward",
        id="torch-group-norm-forward",
        title="Group norm of an x that lies channels last has no derivative in forward mode: an error is raised in its place",
        size="RuntimeError: view size is not compatible with input tensor's size and stride",
        clause="group-norm.tangent.y",
        cases="group-norm.tangent.y/first-x-permuted-along/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities=dict.fromkeys(("tangent.y", "tangent.dx", "tangent.dscale"), 1.0),
        raises="view size is not compatible with input tensor's size and stride",
        promise="as an attribute as-is if it has the same storage layout or copied otherwise.",
        source=MAKE_DUAL,
        implementations=EAGER,
    ),
    row(
        "group_norm_bias_alone",
        id="torch-group-norm-bias-alone",
        title="Group norm with a bias and no weight, which the function takes, has no gradients: an error is raised in their place",
        size="RuntimeError: tensor does not have a device",
        clause="group-norm.gradient.shift",
        cases="group-norm.s[ch]*/first-[fw]*/*",  # scale/first-false and shift/first-without-scale
        dtypes=SINGLE + HALF + MIXED,
        modes=("train", "evaluate", "freeze"),
        of={"scale": False, "shift": True},
        quantities={"dx": 1, "dshift": 1},
        raises="RuntimeError: tensor does not have a device",
        promise="torch.nn.functional.group_norm(input, num_groups, weight=None, bias=None, eps=1e-05)",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.functional.group_norm.html",
        implementations=("torch:functional",),
    ),
)
