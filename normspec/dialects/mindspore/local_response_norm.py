"""Local response norm of MindSpore."""

from typing import Any

from normspec.dialects.mindspore import common as c
from normspec.layers import LocalResponseNorm
from normspec.records import Situation

DEFAULTS = {"depth_radius": 5, "bias": 1.0, "alpha": 1.0, "beta": 0.5}
ACROSS = {"norm_region": "ACROSS_CHANNELS"}


def read(a: c.Arguments, situation: Situation) -> LocalResponseNorm:
    """Give what LRN means, by the example of its page: 0.1 over the root of 1 + 0.1^2 + 0.3^2 is its 0.09534626."""
    c.of_dtype(situation, *c.NARROW)
    return LocalResponseNorm(
        channel_axes=(1,),
        before=a["depth_radius"],
        after=a["depth_radius"],
        coefficient=a["alpha"],
        exponent=a["beta"],
        bias=a["bias"],
        edges="zeros",
        statistics_dtype="input",
    )


def write(s: LocalResponseNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of LRN, whose window has the value in its middle."""
    return {"depth_radius": s.before, "bias": float(s.bias), "alpha": float(s.coefficient), "beta": float(s.exponent)}


def attributes(layer: Any) -> c.Arguments:
    """Give the arguments of a live layer, which its operation has."""
    return c.attributes(*DEFAULTS)(layer.lrn_op)


ENTRY = c.entry(
    "local_response_norm",
    "nn.LRN",
    DEFAULTS,
    fixed=ACROSS,
    positional=(*DEFAULTS, *ACROSS),
    ranks=range(4, 5),
    names={},
    attributes=attributes,
    read=read,
    write=write,
)
