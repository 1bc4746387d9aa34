"""Batch normalization: one mean and one variance for every index of the channel axes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, keeping
from normspec.layers.running import KEPT, Running, state_slots
from normspec.records import Mode


@dataclass(frozen=True, kw_only=True)
class BatchNorm:
    """y = scale (x - mean) / divisor + shift, statistics over every axis of x but the channel axes.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167; the points are those of today's frameworks.
    """

    layer: ClassVar[str] = "batch_norm"
    laws: ClassVar[Mapping[str, str]] = {**s.LAWS, **s.RUNNING_LAWS, **s.MASK, **s.REFUSAL, **s.SHARDS}
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    channel_axes: tuple[int, ...] = choice(
        "Statistics MUST be taken over every axis but these; scale, shift and state MUST lie along these, in ascending order.",
        (1,),
        (-1,),
        (0,),
        (),
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    train_with: Literal["batch", "running"] = choice(
        "train MUST normalize with the batch's statistics (batch) or with the running ones as kept after their update (running).",
        "batch",
        "running",
    )
    running: Running | None = choice(
        "With running statistics, evaluate and freeze MUST normalize with them; without, with the batch's.",
        None,
        KEPT,
        record=Running,
    )
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = choice(
        "y MUST have the dtype of x (input), the promotion of x, scale and shift (promoted), or that of these and the running statistics "
        "(promoted_with_state).",
        "input",
        "promoted",
        "promoted_with_state",
    )
    one_value: s.OneValue = s.one_value()

    def __post_init__(self) -> None:
        """Refuse what no batch norm can be."""
        with_running = self.train_with == "batch" or (self.train_with == "running" and self.running is not None)
        train_with = (with_running, "'batch', or 'running' where there are running statistics", self.train_with)
        require(**{**f.rules(self), "train_with": train_with})

    def at_rank(self, rank: int) -> "BatchNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: BatchNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return keeping(shape, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        kept = self.geometry(shape).owned
        return {**f.parameter_slots(self, kept), **state_slots(self.running, kept)}
