"""RMS normalization: every sample divided by its root mean square, over its own axes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from normspec.clauses import Rule, choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over

Rounding = Literal["last", "before_scale"]


def a_share(fraction: Any) -> Rule:
    """Give the rule for a share of the values."""
    return f.is_number(fraction) and 0 < fraction <= 1, "more than 0 and at most 1", fraction


@dataclass(frozen=True, kw_only=True)
class RMSNorm:
    """y = scale x / divisor + shift, the divisor being the root of the mean square over `axes`, the same in every mode.

    Source: Zhang and Sennrich 2019, arXiv:1910.07467, whose two implementations differ in epsilon's place; the rounding points are those
    of today's language models.
    """

    layer: ClassVar[str] = "rms_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be scale times x over the divisor, plus shift, and have the shape of x.",
        **d.LAWS,
        "gradient.x": "The cotangent of x MUST include the way through the divisor, which is made of this x and whose derivative at 0 "
        "counts as 0; in it, rounding before scale counts as the identity, behind which a cotangent may be rounded to the dtype of x.",
        **d.SCALED,
        "gradient.shift": s.LAWS["gradient.shift"],
        "born": s.LAWS["born"],
        **f.TANGENTS,
        **f.MODES,
    }

    axes: tuple[int, ...] = choice("The mean square MUST be taken over these axes.", (-1,), (-2, -1), (1,), (-2,), rule=f.some_axes)
    parameter_axes: tuple[int, ...] = choice("scale and shift MUST lie along these axes, in ascending order.", (-1,), (-2, -1), (1,), (-2,))
    fraction: float = choice(
        "The mean square MUST be that of the first floor(fraction n) of the n values along `axes`, in row-major order, and of one at "
        "least, the product being rounded to a double; every value MUST be divided.",
        1.0,
        0.5,
        rule=a_share,
    )
    epsilon: float = f.epsilon()
    epsilon_place: s.EpsilonPlace = choice(
        "The divisor MUST be sqrt(mean square + epsilon) (inside) or sqrt(mean square) + epsilon (outside).", "inside", "outside"
    )
    scale: bool = f.scale()
    shift: bool = f.shift()
    rounding: Rounding = choice(
        "What scale and shift are applied to MUST be x over the divisor as computed (last), or that rounded to the dtype of x "
        "(before_scale).",
        "last",
        "before_scale",
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()

    def __post_init__(self) -> None:
        """Refuse what no RMS norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "RMSNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front and in normal form.

        Without scale and shift there is nothing along `parameter_axes`, which become `axes`, and nothing between two roundings.
        """
        found: RMSNorm = counted_from_front(self, rank)
        return found if self.scale or self.shift else replace(found, parameter_axes=found.axes, rounding="last")

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return over(shape, self.axes, self.at_rank(len(shape)).parameter_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        return f.parameter_slots(self, self.geometry(shape).owned)
