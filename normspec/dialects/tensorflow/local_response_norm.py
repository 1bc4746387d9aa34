"""TensorFlow's local response normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.tensorflow.common import DOCS, one_mode
from normspec.errors import Unsupported
from normspec.layers import LocalResponseNorm
from normspec.records import Situation

NATIVE = "tf.nn.local_response_normalization"
DEFAULTS = {"depth_radius": 5, "bias": 1.0, "alpha": 1.0, "beta": 0.5}


def read(a: Mapping[str, Any], situation: Situation) -> LocalResponseNorm:
    """Give what local_response_normalization means: `input / (bias + alpha * sqr_sum) ** beta` along the last axis."""
    if situation.dtype == "float64":
        raise Unsupported("input must be float16, bfloat16 or float32, got float64")
    return LocalResponseNorm(
        channel_axes=(-1,),
        before=a["depth_radius"],
        after=a["depth_radius"],
        coefficient=a["alpha"],
        exponent=a["beta"],
        bias=a["bias"],
        edges="zeros",
        statistics_dtype="input",
    )


def write(s: LocalResponseNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of local_response_normalization, whose window has the value in its middle."""
    return {"depth_radius": s.before, "bias": s.bias, "alpha": s.coefficient, "beta": s.exponent}


ENTRIES = (
    Entry(
        native=NATIVE,
        layer="local_response_norm",
        variant="",
        versions=">=2.21",
        source=f"{DOCS}nn/local_response_normalization",
        ranks=range(4, 5),
        positional=("input", *DEFAULTS, "name"),
        defaults=DEFAULTS,
        free=("input", "name"),
        names={},
        modes=one_mode(f"{NATIVE}(x, ...)"),
        read=read,
        write=write,
    ),
)
