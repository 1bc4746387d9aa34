"""Lp norm of MindSpore: the operation L2Normalize."""

from typing import Any

from normspec.dialects.mindspore import common as c
from normspec.dialects.tensorflow.common import root, square
from normspec.errors import Unsupported
from normspec.layers import LpNorm
from normspec.records import Situation

LOST = {"float16": 2.0**-25, "float32": 2.0**-150, "float64": 0.0}
"""By dtype, the largest number that is rounded to 0 in it."""
LEAST = {"float16": 1e-7}
"""What is nearly no epsilon, where that is not 1e-30."""


def read(a: c.Arguments, situation: Situation) -> LpNorm:
    """Give what L2Normalize means: x over the root of the larger of the sum of squares and epsilon."""
    c.of_dtype(situation, *c.WIDE)
    if a["epsilon"] <= LOST[situation.dtype]:
        raise Unsupported(f"epsilon must be positive in x's dtype, {situation.dtype}, got {a['epsilon']}")
    axes = (a["axis"],) if isinstance(a["axis"], int) else tuple(a["axis"])
    if len(axes) != 1:
        raise Unsupported(f"axis must be one axis, got {axes}")
    epsilon = root(a["epsilon"])
    return LpNorm(axes=axes, order=2.0, epsilon=epsilon, epsilon_place="floor", at_zero="zero", statistics_dtype="input")


def write(s: LpNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of L2Normalize, which has one axis: epsilon as what is under the root, and not 0."""
    under = square(s.epsilon) if s.epsilon_place == "floor" else s.epsilon
    return {"axis": s.axes[0], "epsilon": under or LEAST.get(situation.dtype, 1e-30)}


def attributes(operation: Any) -> c.Arguments:
    """Give the arguments of a live operation."""
    (axis,) = operation.axis
    return {"axis": axis, "epsilon": operation.init_attrs["epsilon"]}


ENTRY = c.entry(
    "lp_norm",
    "ops.L2Normalize",
    {"axis": 0, "epsilon": 1e-4},
    ranks=c.RANKS,
    names={},
    attributes=attributes,
    read=read,
    write=write,
)
