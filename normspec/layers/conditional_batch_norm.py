"""Conditional batch normalization: batch normalization whose scale and shift are given for every sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import condition as c
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, by_condition, keeping
from normspec.layers.running import KEPT, Running, state_slots
from normspec.records import Mode


@dataclass(frozen=True, kw_only=True)
class ConditionalBatchNorm:
    """y = scale (x - mean) / divisor + shift, statistics over every axis but the channel axes, scale and shift being inputs.

    Source: de Vries and others 2017, arXiv:1707.00683, whose scale and shift a network makes of a question.
    """

    layer: ClassVar[str] = "conditional_batch_norm"
    laws: ClassVar[Mapping[str, str]] = {**c.LAWS, **s.RUNNING_LAWS, **s.REFUSAL}
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    batch_axes: tuple[int, ...] = choice(
        "Every index along these axes MUST have a scale and a shift of its own; statistics MUST be taken over these axes, too.",
        (0,),
        (),
        (0, 2),
    )
    channel_axes: tuple[int, ...] = choice(
        "Statistics MUST be taken over every axis but these; state MUST lie along these, scale and shift along the batch axes and these, "
        "in ascending order.",
        (1,),
        (-1,),
        (),
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    running: Running | None = choice(
        "With running statistics, evaluate and freeze MUST normalize with them; without, with the batch's.",
        None,
        KEPT,
        record=Running,
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()
    one_value: s.OneValue = s.one_value()

    def __post_init__(self) -> None:
        """Refuse what no conditional batch norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "ConditionalBatchNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: ConditionalBatchNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics, scale and shift lie in an x of this shape."""
        return by_condition(keeping(shape, self.channel_axes), self.batch_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        return state_slots(self.running, self.geometry(shape).owned)

    def inputs(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer is given with an x of this shape."""
        return c.inputs(self.geometry(shape))
