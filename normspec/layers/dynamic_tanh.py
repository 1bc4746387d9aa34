"""Dynamic tanh: the hyperbolic tangent of x times a learned number, scaled and shifted. It stands where a normalization would."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from normspec.clauses import choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over


@dataclass(frozen=True, kw_only=True)
class DynamicTanh:
    """y = scale tanh(alpha x) + shift, alpha being one learned number, the same in every mode. No statistics are taken.

    Source: Zhu, Chen, He, LeCun and Liu 2025, arXiv:2503.10622.
    """

    layer: ClassVar[str] = "dynamic_tanh"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be scale times tanh(alpha x), alpha being a scalar, plus shift, and have the shape of x.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "The cotangent of x MUST be dy times scale times alpha times 1 - tanh(alpha x)^2.",
        "gradient.dtype": f.LAWS["gradient.dtype"],
        "inputs": f.LAWS["inputs"],
        "accuracy": d.LAWS["accuracy"],
        "gradient.alpha": "The cotangent of alpha MUST be the sum of dy times scale times x times 1 - tanh(alpha x)^2, over all of x.",
        **d.SCALED,
        "gradient.shift": s.LAWS["gradient.shift"],
        "born": s.LAWS["born"],
        **f.MODES,
    }

    parameter_axes: tuple[int, ...] = choice(
        "scale and shift MUST lie along these axes, in ascending order.", (-1,), (1,), (-2, -1), (0,), rule=f.axes_rule
    )
    initial_alpha: float = choice("Before anything is loaded, alpha MUST be `initial_alpha`.", 0.5, 0.25, rule=f.a_number)
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = choice(
        "alpha x, y and cotangents MUST be computed, before the one rounding to their dtypes, in the wider of x's dtype and float32 "
        "(widened), in x's dtype (input), or in float32.",
        "widened",
        "input",
        "float32",
    )
    output_dtype: f.OutputDtype = f.output_dtype("x and every parameter")

    def __post_init__(self) -> None:
        """Refuse what no such layer can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "DynamicTanh":
        """Give the same layer on arrays of this rank, its axes counted from the front; without scale and shift nothing lies along any."""
        found: DynamicTanh = counted_from_front(self, rank)
        return found if self.scale or self.shift else replace(found, parameter_axes=())

    def geometry(self, shape: Shape) -> Geometry:
        """Give where scale and shift lie in an x of this shape; every value is by itself."""
        return over(shape, (), self.at_rank(len(shape)).parameter_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        return {"alpha": f.Slot((), "parameter", self.initial_alpha), **f.parameter_slots(self, self.geometry(shape).owned)}
