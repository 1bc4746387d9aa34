"""Local response normalization: every value divided by a power of the squares of its neighbours along the channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over

Edges = Literal["zeros", "valid"]


@dataclass(frozen=True, kw_only=True)
class LocalResponseNorm:
    """y_c = x_c / (bias + coefficient S_c)^exponent, S_c being the sum of squares over the window from c - before to c + after.

    Source: Krizhevsky, Sutskever and Hinton 2012. Frameworks that divide their alpha by the window's length n have coefficient alpha / n.
    """

    layer: ClassVar[str] = "local_response_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be x over the power of bias + coefficient S, and have the shape and dtype of x.",
        **d.LAWS,
        **f.MODES,
    }
    output_dtype: ClassVar[str] = "input"

    channel_axes: tuple[int, ...] = choice("The window MUST lie along this axis.", (1,), (-1,), (2,))
    before: int = choice("The window MUST begin `before` places before c.", 2, 1, 3)
    after: int = choice("The window MUST end `after` places behind c.", 2, 1, 3)
    coefficient: float = choice("S MUST be multiplied by `coefficient`, whatever the length of the window.", 0.125, 0.625, 0.025)
    exponent: float = choice("The divisor MUST be raised to `exponent`.", 0.75, 0.5)
    bias: float = choice("`bias` MUST be the number to which the squares are added.", 1.0, 2.0)
    edges: Edges = choice(
        "Places of the window beyond the first or last channel MUST count as 0 (zeros), or S MUST be the sum over the places within times "
        "(before + after + 1) over their number (valid).",
        "zeros",
        "valid",
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()

    def __post_init__(self) -> None:
        """Refuse what no such layer can be."""
        numbers = {name: f.number_rule(getattr(self, name)) for name in ("coefficient", "exponent")}
        bias = f.number_rule(self.bias)[0] and self.bias > 0, "a positive number", self.bias
        window = {name: f.count_rule(getattr(self, name)) for name in ("before", "after")}
        positive = numbers["coefficient"][0] and self.coefficient >= 0, "a number that is not negative", self.coefficient
        require(
            **{**f.rules(self), "channel_axes": f.one_axis(self.channel_axes), **numbers, **window, "coefficient": positive, "bias": bias}
        )

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
