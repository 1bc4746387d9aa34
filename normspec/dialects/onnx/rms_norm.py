"""RMS normalization of ONNX."""

from typing import Any

from normspec.dialects.onnx import common as c
from normspec.dtypes import promote
from normspec.errors import Unsupported
from normspec.layers import RMSNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> RMSNorm:
    """Give what RMSNormalization means: what scale multiplies is cast to the dtype of X first, and Y has the dtype of scale."""
    if promote(situation.dtype, situation.parameter_dtype) != situation.parameter_dtype:
        raise Unsupported(
            f"Y has the dtype of scale, which must be no narrower than X's, {situation.dtype}, got {situation.parameter_dtype}"
        )
    over = c.trailing(a["axis"], len(situation.shape))
    return RMSNorm(
        axes=over,
        parameter_axes=over,
        fraction=1.0,
        epsilon=c.attribute(a["epsilon"], situation),
        epsilon_place="inside",
        scale=True,
        shift=False,
        rounding="before_scale",
        statistics_dtype="float32",
        output_dtype="promoted",
    )


def write(s: RMSNorm, situation: Situation) -> c.Arguments:
    """Give the nearest attributes of RMSNormalization."""
    return {"axis": c.first(s.axes, len(situation.shape)), "epsilon": s.epsilon}


DEFAULTS: dict[str, Any] = {"axis": -1, "epsilon": 1e-5}

ENTRY = c.entry(
    "rms_norm",
    "RMSNormalization",
    23,
    ("X", "scale"),
    DEFAULTS,
    range(1, 65),
    read,
    write,
    fixed={"stash_type": c.FLOAT},
    names={"scale": "scale"},
    since=23,
)
