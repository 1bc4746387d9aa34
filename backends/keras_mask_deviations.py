"""What Keras 3.15.1 on a CPU does not keep of its promises under a mask. Imports no framework."""

from collections.abc import Mapping

from normspec.backends.keras_common_deviations import DOUBLE, IN_FLOAT32, SINGLE, clause, row, words
from normspec.deviation import Deviation

MASKED = {
    "promise": "Masked elements of the current inputs are not taken into account for mean and variance computation during training.",
    "source": "https://keras.io/api/layers/normalization_layers/batch_normalization/",
    "upstream": "none found",
}


def _count(layer: str, quantities: Mapping[str, float]) -> Deviation:
    return row(
        "batch_norm_mask_count",
        id=f"keras-{layer}-mask-count".replace("_", "-"),
        title=f"{words(layer).capitalize()}: under a mask, means and variances are divided by the number of values plus 1e-7",
        size="the mean of 3 values is too small by 3.3e-08 of itself, in float64",
        clause=clause(layer, "mask"),
        cases=f"{clause(layer, 'mask')}/*",
        dtypes=DOUBLE,
        quantities=quantities,
        implementations=("keras:tensorflow",),
        within=IN_FLOAT32,
        **MASKED,
    )


def _no_number(layer: str, cases: str, *modes: str) -> Deviation:
    return row(
        "batch_norm_mask_no_number",
        id=f"keras-{layer}-mask-no-number".replace("_", "-"),
        title=f"{words(layer).capitalize()}: what is no number under a mask, where the cotangent of y is 0, makes the gradients of x and "
        "gamma no number",
        size="every gradient of a channel is NaN, of which y, mean and variance are right",
        clause=clause(layer, "mask"),
        cases=f"{clause(layer, 'mask')}/{cases}/*",
        dtypes=SINGLE,
        modes=modes,
        quantities={"dx": 1.0, "dscale": 1.0},
        implementations=("keras:tensorflow", "keras:torch", "keras:jax"),
        no_number=True,
        **MASKED,
    )


def _one_channel(suffix: str, quantities: tuple[str, ...], *implementations: str, text: str = "tuple index out of range") -> Deviation:
    return row(
        "batch_norm_mask_one_channel",
        id=f"keras-batch-norm-mask-one-channel{suffix}",
        title="Training with a mask raises where x has one channel: the moments that the mask gives lose the axis of channels",
        size="IndexError, or RuntimeError on OpenVINO",
        clause="batch-norm.mask",
        cases="batch-norm.mask/last-one-channel/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities=dict.fromkeys(quantities, 1.0),
        implementations=implementations,
        raises=text,
        **MASKED,
    )


OF_NORM = {"y": 0.005, "dx": 0.002, "dscale": 0.0013, "running_mean": 0.0018, "running_variance": 0.005}
OF_RENORM = {
    "y": 0.0026,
    "dx": 0.002,
    "dscale": 0.0008,
    "running_mean": 0.001,
    "running_variance": 0.0014,
    "running_deviation": 0.0018,
    "renorm_mean": 0.0013,
    "renorm_deviation": 0.0022,
}

DEVIATIONS = (
    _count("batch_norm", OF_NORM),
    _count("batch_renorm", OF_RENORM),
    _one_channel("", ("y", "dx", "dscale", "dshift"), "keras:jax", "keras:torch", "keras:numpy"),
    _one_channel("-openvino", ("y", "dx", "dscale", "dshift"), "keras:openvino", text="merge_into(channel_shape"),
    _one_channel("-state", ("running_mean", "running_variance"), "keras:jax"),
    _no_number("batch_norm", "*-no-number-masked", "train"),
    _no_number("batch_renorm", "*-hidden", "train", "evaluate"),
)
