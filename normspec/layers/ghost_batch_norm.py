"""Ghost batch normalization: batch normalization of a few samples of the batch at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, by_ghost
from normspec.layers.running import KEPT, Running, state_slots
from normspec.records import Mode

Observed = Literal["each", "mean", "whole"]


@dataclass(frozen=True, kw_only=True)
class GhostBatchNorm:
    """y = scale (x - mean) / divisor + shift, statistics over every axis but the channel axes, and along the first over a ghost alone.

    Source: Hoffer, Hubara and Soudry 2017, arXiv:1705.08741; Keras 2 has it as `virtual_batch_size`.
    """

    layer: ClassVar[str] = "ghost_batch_norm"
    laws: ClassVar[Mapping[str, str]] = {
        **s.LAWS,
        "update": "A train or observe step MUST move the running statistics once for each observation; its pullback MUST NOT move them.",
        **{name: sentence for name, sentence in s.RUNNING_LAWS.items() if name != "update"},
        **s.REFUSAL,
    }
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    channel_axes: tuple[int, ...] = choice(
        "In every ghost, each index along these axes MUST have statistics of its own; scale, shift and state MUST lie along these, in "
        "ascending order. The first axis MUST NOT be among them: it is that of the samples.",
        (1,),
        (-1,),
        (1, 2),
    )
    ghost_size: int = choice(
        "Where x's own statistics are taken, its samples MUST be parted into ghosts of `ghost_size` samples, each with statistics of its "
        "own.",
        2,
        3,
        1,
        rule=f.at_least(1),
    )
    grouping: Literal["contiguous", "interleaved"] = choice(
        "A ghost MUST be samples that follow one another (contiguous), or samples as far apart as there are ghosts (interleaved).",
        "contiguous",
        "interleaved",
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    running: Running | None = choice(
        "With running statistics, evaluate and freeze MUST normalize with them; without, with those of each ghost.",
        None,
        KEPT,
        record=Running,
    )
    observed: Observed = choice(
        "Observed MUST be the statistics of each ghost, one ghost after the other in the order of their first samples (each), the mean of "
        "all ghosts' statistics (mean), or the statistics of the whole batch (whole).",
        "each",
        "mean",
        "whole",
    )
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()
    one_value: s.OneValue = s.one_value()

    def __post_init__(self) -> None:
        """Refuse what no ghost batch norm can be. Where nothing is kept, what is observed says nothing."""
        known = self.observed == "each" or (self.observed in ("mean", "whole") and self.running is not None)
        observed = (known, "'each', or 'mean' or 'whole' where there are running statistics", self.observed)
        require(**{**f.rules(self), "observed": observed})

    def at_rank(self, rank: int) -> "GhostBatchNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: GhostBatchNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return by_ghost(shape, self.channel_axes, self.ghost_size, contiguous=self.grouping == "contiguous")

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        kept = self.geometry(shape).owned
        return {**f.parameter_slots(self, kept), **state_slots(self.running, kept)}
