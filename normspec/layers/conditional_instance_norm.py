"""Conditional instance normalization: instance normalization whose scale and shift are given for every sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import condition as c
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, by_condition, by_sample


@dataclass(frozen=True, kw_only=True)
class ConditionalInstanceNorm:
    """y = scale (x - mean) / divisor + shift, statistics and parameters for every sample and channel, scale and shift being inputs.

    Source: Dumoulin, Shlens and Kudlur 2017, arXiv:1610.07629, whose scale and shift are rows of tables.
    """

    layer: ClassVar[str] = "conditional_instance_norm"
    laws: ClassVar[Mapping[str, str]] = {**c.LAWS, **f.MODES}

    batch_axes: tuple[int, ...] = choice(
        "Every index along these axes MUST have statistics of its own, and a scale and a shift of its own.", (0,), (), (0, 1)
    )
    channel_axes: tuple[int, ...] = choice(
        "Every index along these axes, too, MUST have statistics of its own; scale and shift MUST lie along the batch axes and these, in "
        "ascending order.",
        (1,),
        (-1,),
        (2,),
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()
    one_value: s.OneValue = s.one_value()

    def __post_init__(self) -> None:
        """Refuse what no conditional instance norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "ConditionalInstanceNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: ConditionalInstanceNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics, scale and shift lie in an x of this shape."""
        return by_condition(by_sample(shape, self.batch_axes, self.channel_axes), self.batch_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape: none."""
        self.geometry(shape)
        return {}

    def inputs(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer is given with an x of this shape."""
        return c.inputs(self.geometry(shape))
