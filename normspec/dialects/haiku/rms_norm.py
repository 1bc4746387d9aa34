"""RMS norm of Haiku."""

from typing import Any

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.haiku import common as c
from normspec.layers import RMSNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> RMSNorm:
    """Give what RMSNorm means: inputs "normalized by the root-mean-squared (RMS) and scaled by a learned parameter"."""
    of_one_dtype(situation)
    rank = len(situation.shape)
    return RMSNorm(
        axes=c.axes(a["axis"], rank),
        parameter_axes=(-1,) if a["param_axis"] is None else c.axes(a["param_axis"], rank),
        fraction=1.0,
        epsilon=a["eps"],
        epsilon_place="inside",
        rounding="last",
        statistics_dtype="input",
        output_dtype="input",
        scale=a["create_scale"],
        shift=False,
    )


def write(s: RMSNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of RMSNorm."""
    own = s.parameter_axes if s.scale else s.axes
    return {"axis": c.one_or_more(s.axes), "eps": s.epsilon, "create_scale": s.scale, "param_axis": c.one_or_more(own)}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "create_scale": True, "param_axis": None}

ENTRY = c.entry(
    "rms_norm",
    "RMSNorm",
    DEFAULTS,
    ("axis", "eps", "scale_init", "name", "create_scale"),
    fixed={"scale_init": None},
    names={"scale": "scale"},
    lie="trailing",
    read=read,
    write=write,
)
