"""Layer normalization: one mean and one variance for every sample, over its own axes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over


@dataclass(frozen=True, kw_only=True)
class LayerNorm:
    """y = scale (x - mean) / divisor + shift, statistics over `axes`, the same in every mode.

    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; the points are those of today's frameworks.
    """

    layer: ClassVar[str] = "layer_norm"
    laws: ClassVar[Mapping[str, str]] = {**s.LAWS, **f.MODES, **s.MASK}

    axes: tuple[int, ...] = choice("Statistics MUST be taken over these axes.", (-1,), (-2, -1), (1,), (-2,), rule=f.some_axes)
    parameter_axes: tuple[int, ...] = choice("scale and shift MUST lie along these axes, in ascending order.", (-1,), (-2, -1), (1,), (-2,))
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
        """Refuse what no layer norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "LayerNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front and in normal form.

        Without scale and shift there is nothing along `parameter_axes`: they become `axes`.
        """
        found: LayerNorm = counted_from_front(self, rank)
        return found if self.scale or self.shift else replace(found, parameter_axes=found.axes)

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return over(shape, self.axes, self.at_rank(len(shape)).parameter_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        return f.parameter_slots(self, self.geometry(shape).owned)
