"""Local response normalization of OpenVINO."""

from typing import Any

from normspec.dialects.openvino import common as c
from normspec.dialects.torch.local_response_norm import alpha, coefficient
from normspec.errors import Unsupported
from normspec.layers import LocalResponseNorm
from normspec.layers.axes import resolve
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> LocalResponseNorm:
    """Give what lrn means along one axis: alpha is divided by the window's length, which must be odd."""
    size, over = a["size"], c.axes(a)
    if size % 2 == 0:
        raise Unsupported(f"size must be odd, got {size}: of an even one, formula and words disagree")
    if len(over) > 1 or over[0] < 0:
        raise Unsupported(f"axes must be one, as a window along the channels has, counted from the front, got {over}")
    return LocalResponseNorm(
        channel_axes=over,
        before=size // 2,
        after=size // 2,
        coefficient=coefficient(a["alpha"], size),
        exponent=float(a["beta"]),
        bias=float(a["bias"]),
        edges="zeros",
        **c.COMPUTED,
    )


def write(s: LocalResponseNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of lrn."""
    size, axes = 2 * s.before + 1, resolve(s.channel_axes, len(situation.shape), "channel_axes")
    return {"axes": axes, "alpha": alpha(s.coefficient, size), "beta": s.exponent, "bias": s.bias, "size": size}


DEFAULTS: dict[str, Any] = {"alpha": 1.0, "beta": 0.5, "bias": 1.0, "size": 5}

ENTRY = c.entry(
    "local_response_norm",
    "lrn",
    1,
    "lrn-1",
    ("data",),
    ("axes", *DEFAULTS),
    defaults=DEFAULTS,
    ranks=range(1, 65),
    read=read,
    write=write,
)
