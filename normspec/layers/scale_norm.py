"""Scale normalization: x over its own Euclidean norm, over some axes, times one learned length for all of x."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over


@dataclass(frozen=True, kw_only=True)
class ScaleNorm:
    """y = scale x / divisor, the divisor being made of the Euclidean norm over `axes`, and scale one number, the same in every mode.

    Source: Nguyen and Salazar 2019, arXiv:1910.05895, who write g for scale. Without a scale it is an Lp norm.
    """

    layer: ClassVar[str] = "scale_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be scale, a scalar, times x over the divisor, and have the shape of x.",
        **d.LAWS,
        **d.SCALED,
        **f.TANGENTS,
        **f.MODES,
    }

    axes: tuple[int, ...] = choice("The norm MUST be taken over these axes.", (-1,), (1,), (-2, -1), (0,), rule=f.some_axes)
    epsilon: float = f.epsilon_or_floor()
    epsilon_place: s.Floored = d.over_norm()
    initial_scale: Literal["root", "one"] = choice(
        "Before anything is loaded, scale MUST be the root of the number of values in a norm (root), or 1 (one).", "root", "one"
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()

    def __post_init__(self) -> None:
        """Refuse what no scale norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "ScaleNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: ScaleNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where norms lie in an x of this shape; scale lies along no axis."""
        return over(shape, self.axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        at = self.geometry(shape)
        return {"scale": f.Slot(at.owned, "parameter", sqrt(at.n) if self.initial_scale == "root" else 1.0)}
