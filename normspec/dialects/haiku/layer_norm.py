"""Layer norm of Haiku."""

from typing import Any

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.haiku import common as c
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> LayerNorm:
    """Give what LayerNorm means: `axis` and `param_axis`, which is the last one if it is not given, are independent of each other."""
    of_one_dtype(situation)
    rank = len(situation.shape)
    return LayerNorm(
        axes=c.axes(a["axis"], rank),
        parameter_axes=(-1,) if a["param_axis"] is None else c.axes(a["param_axis"], rank),
        epsilon=a["eps"],
        variance="one_pass" if a["use_fast_variance"] else "two_pass",
        scale=a["create_scale"],
        shift=a["create_offset"],
        **c.STANDARDIZED,
    )


def write(s: LayerNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of LayerNorm. Without scale and shift nothing lies along `param_axis`: any will do."""
    own = s.parameter_axes if s.scale or s.shift else s.axes
    told = {"eps": s.epsilon, "use_fast_variance": s.variance == "one_pass", "param_axis": c.one_or_more(own)}
    return {"axis": c.one_or_more(s.axes), "create_scale": s.scale, "create_offset": s.shift, **told}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "use_fast_variance": False, "param_axis": None}
FIRST = ("axis", "create_scale", "create_offset", "eps", "scale_init", "offset_init", "use_fast_variance")

ENTRY = c.entry("layer_norm", "LayerNorm", DEFAULTS, FIRST, lie="trailing", read=read, write=write)
