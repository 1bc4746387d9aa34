"""Local response normalization: every value divided by a power of the squares of its neighbours along the channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from normspec.clauses import Rule, choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over

Edges = Literal["zeros", "valid"]


def not_negative(value: Any) -> Rule:
    """Give the rule for the coefficient: below 0, the divisor might be 0."""
    return f.is_number(value) and value >= 0, "a number that is not negative", value


def positive(value: Any) -> Rule:
    """Give the rule for the bias: so the divisor is never 0."""
    return f.is_number(value) and value > 0, "a positive number", value


@dataclass(frozen=True, kw_only=True)
class LocalResponseNorm:
    """y_c = x_c / (bias + coefficient S_c)^exponent, S_c being the sum of squares over the window from c - before to c + after.

    Source: Krizhevsky, Sutskever and Hinton 2012. Frameworks that divide their alpha by the window's length n have coefficient alpha / n.
    """

    layer: ClassVar[str] = "local_response_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be x over the power of bias + coefficient S, and have the shape and dtype of x.",
        **d.LAWS,
        **f.TANGENTS,
        **f.MODES,
    }
    output_dtype: ClassVar[str] = "input"

    channel_axes: tuple[int, ...] = choice("The window MUST lie along this axis.", (1,), (-1,), (2,), rule=f.one_axis)
    before: int = choice("S MUST be the sum of squares over a window that begins `before` places before c.", 2, 1, 3, rule=f.at_least(0))
    after: int = choice("The window MUST end `after` places behind c.", 2, 1, 3, rule=f.at_least(0))
    coefficient: float = choice(
        "S MUST be multiplied by `coefficient`, whatever the length of the window.", 0.125, 0.625, 0.025, rule=not_negative
    )
    exponent: float = choice("x MUST be divided by bias + coefficient S raised to `exponent`.", 0.75, 0.5, rule=f.a_number)
    bias: float = choice("`bias` MUST be the number to which the squares are added.", 1.0, 2.0, rule=positive)
    edges: Edges = choice(
        "Places of the window beyond the first or last channel MUST count as 0 (zeros), or S MUST be the sum over the places within times "
        "(before + after + 1) over their number (valid).",
        "zeros",
        "valid",
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()

    def __post_init__(self) -> None:
        """Refuse what no such layer can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "LocalResponseNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: LocalResponseNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give the axis along which windows lie, at most as far as the channels reach; there are no parameters."""
        return over(shape, self.channel_axes)

    def slots(self, _: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns: none."""
        return {}
