"""Weight standardization: the weights of every output channel with mean 0 and variance 1. x is the weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, keeping


@dataclass(frozen=True, kw_only=True)
class WeightStandardization:
    """y = scale (x - mean) / divisor, statistics over every axis of the weight x but the channel axes.

    Source: Qiao, Wang, Liu, Shen and Yuille 2019, arXiv:1903.10520, whose two implementations differ in `correction`.
    """

    layer: ClassVar[str] = "weight_standardization"
    laws: ClassVar[Mapping[str, str]] = {
        **{name: law for name, law in s.LAWS.items() if name not in ("gradient.shift", "born", "output")},
        "output": "y MUST be scale times (x - mean) over the divisor, and have the shape of x.",
        "born": "Before anything is loaded, scale MUST be 1.",
        **f.MODES,
    }

    channel_axes: tuple[int, ...] = choice(
        "Statistics MUST be taken over every axis of the weight but these; scale MUST lie along these, in ascending order.",
        (0,),
        (-1,),
        (),
        (0, 1),
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    scale: bool = f.scale()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = choice(
        "y MUST have the dtype of x (input) or the promotion of x and scale (promoted).", "input", "promoted"
    )

    def __post_init__(self) -> None:
        """Refuse what no weight standardization can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "WeightStandardization":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: WeightStandardization = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and scale lie in a weight of this shape."""
        return keeping(shape, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for a weight of this shape."""
        return f.parameter_slots(self, self.geometry(shape).owned)
