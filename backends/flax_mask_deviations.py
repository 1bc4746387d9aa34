"""What Flax 0.12.8 does with what is no number under a mask. Imports no framework."""

from normspec.backends.flax_common_deviations import NNX, row

LAYERS = {"batch": "BatchNorm", "layer": "LayerNorm", "instance": "InstanceNorm"}

ROWS = tuple(
    row(
        "mask_no_number",
        id=f"flax-{kind}-norm-mask-no-number",
        title=f"{kind.capitalize()} norm: what is no number under a mask, where the cotangent of y is 0, makes the gradients no number",
        size="every gradient is NaN, of a y that is right",
        clause=f"{kind}-norm.mask",
        cases=f"{kind}-norm.mask/*-no-number-masked/*",
        dtypes=(("float32", "float32"),),
        modes=("train",),
        quantities={"dx": 1.0, "dscale": 1.0},
        no_number=True,
        promise="Binary array of shape broadcastable to ``inputs`` tensor, indicating the positions for which the mean and variance "
        "should be computed.",
        source=f"{NNX}{name}",
        upstream="https://github.com/jax-ml/jax/issues/26328",
    )
    for kind, name in LAYERS.items()
)
