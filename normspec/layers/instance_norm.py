"""Instance normalization: one mean and one variance for every sample and channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, by_sample
from normspec.layers.running import KEPT, Running, state_slots
from normspec.records import Mode


@dataclass(frozen=True, kw_only=True)
class InstanceNorm:
    """y = scale (x - mean) / divisor + shift, statistics over every axis of x but those of the batch and of the channels.

    Source: Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022; the points are those of today's frameworks.
    """

    layer: ClassVar[str] = "instance_norm"
    laws: ClassVar[Mapping[str, str]] = {**s.LAWS, **s.RUNNING_LAWS, **s.MASK, **s.REFUSAL}
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    batch_axes: tuple[int, ...] = choice(
        "Every index along these axes MUST have statistics of its own; what is observed of them MUST be their mean over these axes, in "
        "which each weighs alike.",
        (0,),
        (),
        (0, 1),
    )
    channel_axes: tuple[int, ...] = choice(
        "Every index along these axes, too, MUST have statistics of its own; scale, shift and state MUST lie along these, in ascending "
        "order.",
        (1,),
        (-1,),
        (2,),
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    running: Running | None = choice(
        "With running statistics, evaluate and freeze MUST normalize with them; without, with the sample's own.",
        None,
        KEPT,
        record=Running,
    )
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()
    one_value: s.OneValue = s.one_value()

    def __post_init__(self) -> None:
        """Refuse what no instance norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "InstanceNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: InstanceNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return by_sample(shape, self.batch_axes, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        kept = self.geometry(shape).owned
        return {**f.parameter_slots(self, kept), **state_slots(self.running, kept)}
