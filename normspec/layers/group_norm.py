"""Group normalization: one mean and one variance for every sample and group of channels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, by_group

Grouping = Literal["contiguous", "interleaved"]
ScalePer = Literal["channel", "group"]


@dataclass(frozen=True, kw_only=True)
class GroupNorm:
    """y = scale (x - mean) / divisor + shift, statistics over a group of channels and every axis that is not the batch's.

    Source: Wu and He 2018, arXiv:1803.08494; the points are those of today's frameworks.
    """

    layer: ClassVar[str] = "group_norm"
    laws: ClassVar[Mapping[str, str]] = {**s.LAWS, **f.MODES, **s.MASK}

    batch_axes: tuple[int, ...] = choice("Every index along these axes MUST have statistics of its own.", (0,), (), (0, 1), (0, 2))
    channel_axes: tuple[int, ...] = choice(
        "The channels, of which there are C, MUST lie along this axis.", (1,), (-1,), (2,), rule=f.one_axis
    )
    groups: int = choice("The channels MUST be divided into `groups` groups of equal size, G = groups.", 2, 1, 3, 6, rule=f.at_least(1))
    grouping: Grouping = choice(
        "Channel c MUST be in the group floor(c G / C) (contiguous) or c mod G (interleaved).", "contiguous", "interleaved"
    )
    scale_per: ScalePer = choice(
        "scale and shift MUST have one entry for each channel, C in all (channel), or one for each group, G in all (group).",
        "channel",
        "group",
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = s.epsilon_place()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()
    one_value: s.OneValue = s.one_value()

    def __post_init__(self) -> None:
        """Refuse what no group norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "GroupNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front and in normal form.

        One group has no grouping, and without scale and shift nothing has an entry for each of anything.
        """
        found: GroupNorm = counted_from_front(self, rank)
        found = replace(found, grouping="contiguous") if self.groups == 1 else found
        return found if self.scale or self.shift else replace(found, scale_per="channel")

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape: the axis of the channels is two in the view.

        Raises
        ------
        InvalidInput
            Where the groups are not of equal size.
        """
        return by_group(
            shape,
            self.batch_axes,
            self.channel_axes,
            self.groups,
            contiguous=self.grouping == "contiguous",
            of_group=self.scale_per == "group",
        )

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        return f.parameter_slots(self, self.geometry(shape).owned)
