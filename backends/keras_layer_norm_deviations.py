"""What Keras 3.15.1 on a CPU does not keep of its promises in layer normalization. Imports no framework."""

from dataclasses import replace
from typing import Any

from normspec.backends.keras_common_deviations import (
    DOUBLE,
    EVERY,
    HALF,
    IN_ONE_PASS,
    PARAMETERS,
    SINGLE,
    along,
    born,
    constant,
    float64,
    no_number,
    one_pass,
    row,
)
from normspec.records import Arrays, Case


def _over_the_last_axis(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, axes=(-1,), parameter_axes=(-1,), statistics_dtype="float32"))


AXIS: dict[str, Any] = {
    "clause": "layer-norm.axes",
    "implementations": ("keras:torch",),
    "promise": "Integer or List/Tuple. The axis or axes to normalize across.",
    "source": "https://keras.io/api/layers/normalization_layers/layer_normalization/",
    "upstream": "https://github.com/keras-team/keras/pull/23510 (merged after this release)",
}
OF_ROWS = "at mean / deviation 1e2, y errs by 0.0037, at 1e3 by 0.19; at 1e4 it is no number"

DEVIATIONS = (
    float64("layer_norm", "jax", "y errs by 3.7e-07", {"y": 0.66, "dx": 0.26, "dscale": 0.4, "dshift": 0.8, **along(0.12, 0.023, 0.035)}),
    float64(
        "layer_norm", "torch", "y errs by 3.3e-07", {"y": 0.42, "dx": 0.31, "dscale": 0.26, "dshift": 0.75, **along(0.13, 0.018, 0.056)}
    ),
    float64("layer_norm", "numpy", "y errs by 5.7e-07", {"y": 0.45}, within=IN_ONE_PASS),
    float64("layer_norm", "openvino", "y errs by 5.7e-07", {"y": 0.4}, within=IN_ONE_PASS),
    one_pass("layer_norm", "numpy", OF_ROWS, {"y": 0.5}, dtypes=(*SINGLE, HALF[0])),
    one_pass("layer_norm", "openvino", OF_ROWS, {"y": 0.4}, dtypes=(*SINGLE, HALF[0])),
    no_number("layer_norm", "numpy", {"y": 1.75}),
    no_number("layer_norm", "openvino", {"y": 1.75}),
    constant("layer_norm", "numpy", {"y": 1.0}),
    row(
        "layer_norm_axis",
        id="keras-layer-norm-axis-raises",
        title="Layer norm on torch is taken over trailing axes whatever `axis` says, and raises where the lengths differ",
        size="RuntimeError",
        cases="layer-norm.axes/channels/*",
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        dtypes=EVERY,
        raises="Given normalized_shape",
        **AXIS,
    ),
    row(
        "layer_norm_axis",
        id="keras-layer-norm-axis-silent",
        title="Layer norm on torch is taken over trailing axes whatever `axis` says, silently where the lengths agree",
        size="means over the axis asked for of up to 0.88, which must be 0",
        cases="layer-norm.output/channels-square/*",
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        dtypes=(*DOUBLE, *SINGLE),
        instead=_over_the_last_axis,
        **AXIS,
    ),
    born("layer_norm", PARAMETERS),
)
