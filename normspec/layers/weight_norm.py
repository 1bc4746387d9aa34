"""Weight normalization: the weights of every output channel over their norm, times a learned length. x is the direction v."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, keeping


@dataclass(frozen=True, kw_only=True)
class WeightNorm:
    """y = scale x / divisor, the divisor being the Euclidean norm over every axis of the weight x but the channel axes.

    Source: Salimans and Kingma 2016, arXiv:1602.07868, who write g for scale and v for x.
    """

    layer: ClassVar[str] = "weight_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be scale times x over the divisor, and have the shape and dtype of x.",
        **d.LAWS,
        **d.SCALED,
        **f.TANGENTS,
        **f.MODES,
    }
    output_dtype: ClassVar[str] = "input"

    channel_axes: tuple[int, ...] = choice(
        "The norm MUST be taken over every axis of the weight but these; scale MUST lie along these, in ascending order.",
        (0,),
        (-1,),
        (),
        (0, 1),
    )
    epsilon: float = f.epsilon_or_floor()
    epsilon_place: s.Floored = d.over_norm()
    scale: bool = f.scale()
    initial_scale: Literal["one", "norm"] = choice(
        "Before anything is loaded, scale MUST be 1 (one), or the divisor of the weight that the layer is made with, so that y is that "
        "weight (norm).",
        "one",
        "norm",
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()

    def __post_init__(self) -> None:
        """Refuse what no weight norm can be."""
        initial = self.initial_scale == "one" or (self.initial_scale == "norm" and self.scale)
        must = "'one', or 'norm' where there is a scale (without one it says nothing: 'one')"
        require(**{**f.rules(self), "initial_scale": (initial, must, self.initial_scale)})

    def at_rank(self, rank: int) -> "WeightNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: WeightNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where norms and scale lie in a weight of this shape."""
        return keeping(shape, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for a weight of this shape."""
        kept = self.geometry(shape).owned
        born = 1.0 if self.initial_scale == "one" else None
        return {"scale": f.Slot(kept, "parameter", born)} if self.scale else {}
