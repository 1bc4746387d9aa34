"""Mean-variance normalization of ONNX."""

from typing import Any

from normspec.dialects.onnx import common as c
from normspec.layers import MeanVarianceNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> MeanVarianceNorm:
    """Give what MeanVarianceNormalization means."""
    return MeanVarianceNorm(
        axes=tuple(a["axes"]),
        divide=True,
        epsilon=0.0,
        epsilon_place="inside",
        correction=0,
        variance="two_pass",
        statistics_dtype="input",
    )


def write(s: MeanVarianceNorm, _: Situation) -> c.Arguments:
    """Give the nearest attribute of MeanVarianceNormalization."""
    return {"axes": s.axes}


DEFAULTS: dict[str, Any] = {"axes": (0, 2, 3)}

ENTRY = c.entry("mean_variance_norm", "MeanVarianceNormalization", 13, ("X",), DEFAULTS, range(1, 65), read, write, since=9)
