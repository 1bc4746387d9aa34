"""Adaptive instance normalization: x takes the mean and the deviation of another input, the style."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, by_condition, by_sample


@dataclass(frozen=True, kw_only=True)
class AdaptiveInstanceNorm:
    """y = deviation(style) (x - mean) / divisor + mean(style), statistics for every sample and channel, of x and of the style alike.

    Source: Huang and Belongie 2017, arXiv:1703.06868.
    """

    layer: ClassVar[str] = "adaptive_instance_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be the deviation of the style times (x - mean) over the divisor, plus the mean of the style, and have the shape "
        "and dtype of x, whatever the lengths of the style along the axes of the statistics.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "The cotangent of x MUST include the way through its mean and its variance.",
        "gradient.style": "The cotangent of style MUST be the sum of the way through its mean and the way through its deviation; the "
        "derivative of a root at 0 counts as 0.",
        "gradient.dtype": f.LAWS["gradient.dtype"],
        "inputs": "x, style and the cotangent of y MUST be bit by bit what they were, after the step and its pullback.",
        "accuracy": f.LAWS["accuracy"],
        **f.MODES,
    }
    output_dtype: ClassVar[str] = "input"

    batch_axes: tuple[int, ...] = choice(
        "Every index along these axes MUST have statistics of its own, in x and in the style.", (0,), (), (0, 1)
    )
    channel_axes: tuple[int, ...] = choice(
        "Every index along these axes, too, MUST have statistics of its own, in x and in the style.", (1,), (-1,), (2,)
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    style_epsilon: float = choice(
        "The deviation of the style MUST be sqrt(variance + style_epsilon), of the number as given, neither floored nor replaced.",
        2.0**-10,
        2.0**-6,
        0.0,
        rule=f.not_negative,
    )
    style_correction: Literal[0, 1] = choice(
        "The variance of the style MUST be the sum of squared deviations over max(n - style_correction, 1), n being the values of the "
        "style per statistic.",
        0,
        1,
        rule=f.ddof,
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    one_value: s.OneValue = choice(
        "Where a statistic of x would be taken over one value, the layer MUST refuse x (refuse) or give what is added, the mean of the "
        "style (shift).",
        "refuse",
        "shift",
    )

    def __post_init__(self) -> None:
        """Refuse what no adaptive instance norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "AdaptiveInstanceNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: AdaptiveInstanceNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics lie in an x or a style of this shape, and what is made of the style in x."""
        return by_condition(by_sample(shape, self.batch_axes, self.channel_axes), self.batch_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape: none."""
        self.geometry(shape)
        return {}

    def inputs(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer is given with an x of this shape: a style, whose lengths may differ where x has places."""
        self.geometry(shape)
        return {"style": f.Slot(shape, "input", None)}
