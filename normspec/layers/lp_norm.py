"""Lp normalization: x over its own p-norm, over some axes; with p = 2 it is L2 or unit normalization."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from normspec.clauses import Rule, choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over

AtZero = Literal["zero", "no_number"]


def a_power(p: Any) -> Rule:
    """Give the rule for p: below 1 there is no norm."""
    return f.is_number(p) and p >= 1, "a finite number of at least 1", p


@dataclass(frozen=True, kw_only=True)
class LpNorm:
    """y = x / divisor, the divisor being made of S = sum |x|^p over `axes`, the same in every mode.

    Source: the functions of this name of the frameworks (`normalize`, `l2_normalize`, `UnitNormalization`, ONNX LpNormalization).
    """

    layer: ClassVar[str] = "lp_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be x over the divisor, and have the shape and dtype of x.",
        **d.LAWS,
        **f.TANGENTS,
        **f.MODES,
    }
    output_dtype: ClassVar[str] = "input"

    axes: tuple[int, ...] = choice("S MUST be the sum of |x|^p over these axes.", (-1,), (1,), (-2, -1), (0,), rule=f.some_axes)
    order: float = choice("`order` MUST be p.", 2.0, 1.0, 3.0, rule=a_power)
    epsilon: float = f.epsilon_or_floor()
    epsilon_place: s.Floored = choice(
        "The divisor MUST be (S + epsilon)^(1/p) (inside), S^(1/p) + epsilon (outside) or max(S^(1/p), epsilon) (floor).",
        "inside",
        "outside",
        "floor",
    )
    at_zero: AtZero = choice(
        "Where the divisor is 0, y and the cotangent of x MUST be 0 (zero); or y MUST be no number, as 0 / 0 is none (no_number).",
        "zero",
        "no_number",
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()

    def __post_init__(self) -> None:
        """Refuse what no such layer can be."""
        at_zero = self.at_zero == "zero" or (self.at_zero == "no_number" and self.epsilon == 0)
        must = "'zero', or 'no_number' where epsilon is 0 (elsewhere the divisor is never 0: 'zero')"
        rules = f.rules(self)
        one = self.order != 1 or self.epsilon_place != "outside"
        place = (
            rules["epsilon_place"][0] and one,
            f"{rules['epsilon_place'][1]}; 'outside' is 'inside' where order is 1",
            self.epsilon_place,
        )
        require(**{**rules, "epsilon_place": place, "at_zero": (at_zero, must, self.at_zero)})

    def at_rank(self, rank: int) -> "LpNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: LpNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where norms lie in an x of this shape; there are no parameters."""
        return over(shape, self.axes)

    def slots(self, _: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns: none."""
        return {}
