"""Lp norm of tinygrad: the method of tensors."""

import math

from normspec.dialects.tinygrad import common as c
from normspec.errors import Unsupported
from normspec.layers import LpNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> LpNorm:
    """Give what Tensor.normalize means: x over the larger of its norm, "along the specified dimension", and epsilon."""
    if not 1 <= a["p"] < math.inf:
        raise Unsupported(f"p must be finite and at least 1 to have a place among the points of lp_norm, got {a['p']}")
    return LpNorm(
        axes=(a["dim"],),
        order=a["p"],
        epsilon=a["eps"],
        epsilon_place="floor" if a["eps"] else "inside",  # with no epsilon all places are one
        at_zero="zero" if a["eps"] else "no_number",
        statistics_dtype="input",
    )


def write(s: LpNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of Tensor.normalize."""
    return {"p": s.order, "dim": s.axes[0], "eps": s.epsilon}


ENTRY = c.method("lp_norm", "normalize", {"p": 2.0, "dim": 1, "eps": 1e-12}, read=read, write=write)
