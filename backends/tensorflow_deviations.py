"""What TensorFlow 2.21.0 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from datetime import date

from normspec.backends.tensorflow_moments import told
from normspec.deviation import Deviation

DEVIATIONS = (
    Deviation(
        id="tensorflow-layer-norm-moments-twice",
        size="0.039 for 0.025",
        clause="layer-norm.tangent.gradient",
        modes=("train",),
        reproduction="docs/findings/tensorflow_moments_twice.py",
        versions="2.21.0",
        reviewed=date(2026, 11, 21),
        **told("layer"),
    ),
    Deviation(
        id="tensorflow-lp-norm-half-floor",
        title="l2_normalize of float16 zeros is no number where the floor's square is below 3e-8, as that of the default is",
        size="NaN for 0, at a floor of 2^-13, and a gradient of inf for 8192",
        clause="lp-norm.epsilon",
        cases="lp-norm.gradient.x/floored-zero-small-floor-*",
        dtypes=(("float16", "float16"),),
        modes=("train",),
        quantities={"y": 1.0, "dx": 1.0},
        no_number=True,
        promise="Will use `sqrt(epsilon)` as the divisor if `norm < sqrt(epsilon)`.",
        source="https://www.tensorflow.org/api_docs/python/tf/math/l2_normalize",
        reproduction="docs/findings/tensorflow_lp_norm_half_zero.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
        id="tensorflow-local-response-norm-bfloat16",
        title="local_response_normalization has no bfloat16 on a CPU",
        size="NotFoundError",
        clause="local-response-norm.output",
        cases="*",
        dtypes=(("bfloat16", "bfloat16"),),
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 1.0, "dx": 1.0},
        raises="Could not find device for node",
        promise="Must be one of the following types: `half`, `bfloat16`, `float32`.",
        source="https://www.tensorflow.org/api_docs/python/tf/nn/local_response_normalization",
        reproduction="docs/findings/tensorflow_local_response_norm_bfloat16.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 20),
    ),
)
