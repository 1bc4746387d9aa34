"""What Keras 3.15.1 on a CPU does not keep of its promises where a layer is differentiated twice. Imports no framework."""

from normspec.backends.keras_common_deviations import row
from normspec.backends.tensorflow_moments import told

DEVIATIONS = tuple(
    row(
        "moments_twice",
        id=f"keras-{layer}-norm-moments-twice",
        size="0.039 for 0.025",
        clause=f"{layer}-norm.tangent.gradient",
        implementations=("keras:tensorflow",),
        **told(layer),
    )
    for layer in ("batch", "layer", "instance", "group")
)
