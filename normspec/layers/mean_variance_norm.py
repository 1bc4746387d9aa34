"""Mean and variance normalization: x less its mean, divided by its deviation or not, with no parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over


@dataclass(frozen=True, kw_only=True)
class MeanVarianceNorm:
    """y = (x - mean) / divisor, statistics over `axes`, the same in every mode.

    Source: the operators of this name of ONNX (MeanVarianceNormalization), OpenVINO (MVN) and Caffe.
    """

    layer: ClassVar[str] = "mean_variance_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be (x - mean) over the divisor, and have the shape and dtype of x.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "The cotangent of x MUST include the way through every statistic taken from this x; a divisor at its floor counts as "
        "a constant.",
        **{name: f.LAWS[name] for name in ("gradient.dtype", "inputs", "accuracy")},
        **f.TANGENTS,
        **f.MODES,
    }
    output_dtype: ClassVar[str] = "input"

    axes: tuple[int, ...] = choice("Statistics MUST be taken over these axes.", (0, 2), (-1,), (-2, -1), (0, 1, 2), rule=f.some_axes)
    divide: bool = choice("With `divide`, deviations MUST be divided by the divisor; without, y MUST be x less its mean.", True, False)
    epsilon: float = f.epsilon()
    epsilon_place: s.Floored = choice(
        "The divisor MUST be sqrt(variance + epsilon) (inside), sqrt(variance) + epsilon (outside) or "
        "max(sqrt(variance), epsilon) (floor).",
        "inside",
        "outside",
        "floor",
    )
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()

    def __post_init__(self) -> None:
        """Refuse what no such layer can be. Where nothing is divided, what the divisor is made of says nothing."""
        silent = self.divide or (self.epsilon, self.epsilon_place, self.correction, self.variance) == (0.0, "inside", 0, "two_pass")
        must = "True, or False where epsilon is 0.0, epsilon_place 'inside', correction 0 and variance 'two_pass', which then say nothing"
        require(
            **{
                **f.rules(self),
                "divide": (isinstance(self.divide, bool) and silent, must, self.divide),
            }
        )

    def at_rank(self, rank: int) -> "MeanVarianceNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: MeanVarianceNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics lie in an x of this shape; there are no parameters."""
        return over(shape, self.axes)

    def slots(self, _: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns: none."""
        return {}
