"""Lp norm of Paddle: the function `normalize`. There is no layer of it."""

import math

from normspec.dialects.paddle import common as c
from normspec.errors import Unsupported
from normspec.layers import LpNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> LpNorm:
    """Give what normalize means: x over the larger of its norm and epsilon."""
    if not 1 <= a["p"] < math.inf:
        raise Unsupported(f"p must be finite and at least 1 to have a place among the points of lp_norm, got {a['p']}")
    if not isinstance(a["axis"], int):
        raise Unsupported(f"axis must be an integer, got {a['axis']!r}")
    return LpNorm(
        axes=(a["axis"],),
        order=a["p"],
        epsilon=a["epsilon"],
        epsilon_place="floor" if a["epsilon"] else "inside",  # with no epsilon all places are one
        at_zero="zero" if a["epsilon"] else "no_number",
        statistics_dtype="input",
    )


def write(s: LpNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of normalize, which has one axis."""
    return {"p": s.order, "axis": s.axes[0], "epsilon": s.epsilon}


TOLD = {"p": 2, "axis": 1, "epsilon": 1e-12}
ENTRIES = (
    c.entry(
        "lp_norm",
        "functional.normalize",
        range(1, 10),
        TOLD,
        ("x", *TOLD, "out", "name"),
        free=("x", "out", "name"),
        names={},
        modes=dict.fromkeys(("train", "evaluate", "freeze"), "normalize(x, ...)"),
        read=read,
        write=write,
    ),
)
