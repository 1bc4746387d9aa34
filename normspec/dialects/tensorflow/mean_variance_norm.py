"""TensorFlow's mean and variance normalization: that of images."""

import math
from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.tensorflow.common import DOCS, one_mode
from normspec.errors import Unsupported
from normspec.layers import MeanVarianceNorm
from normspec.records import Situation

NATIVE = "tf.image.per_image_standardization"
OF_AN_IMAGE = (-3, -2, -1)


def read(_: Mapping[str, Any], situation: Situation) -> MeanVarianceNorm:
    """Give what per_image_standardization means: `(x - mean) / max(stddev, 1.0/sqrt(N))`, N being the number of values of an image."""
    if situation.dtype != "float32":
        raise Unsupported(f"y is float32 whatever image is, and must have its dtype: image must be float32, got {situation.dtype}")
    n = math.prod(situation.shape[axis] for axis in OF_AN_IMAGE)
    return MeanVarianceNorm(
        axes=OF_AN_IMAGE,
        divide=True,
        epsilon=1 / math.sqrt(max(n, 1)),
        epsilon_place="floor",
        correction=0,
        variance="two_pass",
        statistics_dtype="input",
    )


def write(_: MeanVarianceNorm, __: Situation) -> Mapping[str, Any]:
    """Give the arguments of per_image_standardization, which has none but the image."""
    return {}


ENTRIES = (
    Entry(
        native=NATIVE,
        layer="mean_variance_norm",
        variant="",
        versions=">=2.21",
        source=f"{DOCS}image/per_image_standardization",
        ranks=range(3, 65),
        positional=("image",),
        defaults={},
        free=("image",),
        names={},
        modes=one_mode(f"{NATIVE}(x)"),
        read=read,
        write=write,
    ),
)
