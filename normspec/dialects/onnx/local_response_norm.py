"""Local response normalization of ONNX."""

from typing import Any

from normspec.dialects.onnx import common as c
from normspec.dialects.torch.local_response_norm import alpha, coefficient
from normspec.layers import LocalResponseNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> LocalResponseNorm:
    """Give what LRN means: alpha is divided by the window's length, an even window reaches one place further after than before."""
    size = a["size"]
    return LocalResponseNorm(
        channel_axes=(1,),
        before=(size - 1) // 2,
        after=size // 2,
        coefficient=coefficient(c.attribute(a["alpha"], situation), size),
        exponent=c.attribute(a["beta"], situation),
        bias=c.attribute(a["bias"], situation),
        edges="zeros",
        statistics_dtype="input",
    )


def write(s: LocalResponseNorm, _: Situation) -> c.Arguments:
    """Give the nearest attributes of LRN."""
    size = s.before + s.after + 1
    return {"size": size, "alpha": alpha(s.coefficient, size), "beta": s.exponent, "bias": s.bias}


DEFAULTS: dict[str, Any] = {"alpha": 1e-4, "beta": 0.75, "bias": 1.0}

ENTRY = c.entry("local_response_norm", "LRN", 13, ("X",), DEFAULTS, range(3, 65), read, write, required=("size",), since=1)
