"""Feature normalization: every feature standardized by moments that were observed beforehand, over any number of batches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, keeping
from normspec.records import Mode

ZeroVariance = Literal["divisor", "one"]


@dataclass(frozen=True, kw_only=True)
class FeatureNorm:
    """y = (x - mean) / divisor, or with `invert` y = x divisor + mean, mean and variance being those of everything observed.

    Source: Keras' Normalization and scikit-learn's StandardScaler; the merge of moments is that of Chan, Golub and LeVeque 1979.
    """

    layer: ClassVar[str] = "feature_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be (x - mean) over the divisor, or with `invert` x times the divisor plus mean, with the shape and dtype of x.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "The cotangent of x MUST be dy over the divisor, or with `invert` dy times it: mean and variance are constants.",
        "gradient.dtype": f.LAWS["gradient.dtype"],
        "inputs": f.LAWS["inputs"],
        "parameters": f.LAWS["parameters"],
        **f.MODES,
        "born": "Before anything is loaded, given or observed, mean MUST be 0 and variance 1.",
        "update": "An observe step MUST make count, mean and variance those of all values observed so far, in one batch or in several: "
        "before it, their sum of squared deviations is the variance times max(count - correction, 1), and 0 where the count is 0.",
        "count": "The count MUST be an integer scalar, born 0: the number of values of each feature that were observed.",
        "keep": "train, evaluate and freeze MUST leave the state bit by bit as it was.",
        "accuracy": f.LAWS["accuracy"],
    }
    output_dtype: ClassVar[str] = "input"
    moves: ClassVar[tuple[Mode, ...]] = ("observe",)

    channel_axes: tuple[int, ...] = choice(
        "Every index along these axes MUST be a feature with moments of its own, which MUST lie along these, in ascending order.",
        (-1,),
        (),
        (1,),
        (1, 2),
    )
    observes: bool = choice(
        "With `observes`, mean and variance MUST be those of what was observed; without, those that are given, and there is no count.",
        True,
        False,
    )
    invert: bool = choice("With `invert`, y MUST be x times the divisor, plus mean; without, (x - mean) over the divisor.", False, True)
    epsilon: float = f.epsilon_or_floor()
    epsilon_place: s.Floored = choice(
        "The divisor MUST be sqrt(variance + epsilon) (inside), sqrt(variance) + epsilon (outside) or "
        "max(sqrt(variance), epsilon) (floor).",
        "inside",
        "outside",
        "floor",
    )
    zero_variance: ZeroVariance = choice(
        "Where the variance is 0, the divisor MUST be made as elsewhere (divisor), or MUST be 1 (one).", "divisor", "one"
    )
    correction: Literal[0, 1] = choice(
        "The variance observed MUST be the sum of squared deviations over max(count - correction, 1).", 0, 1, rule=f.ddof
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()

    def __post_init__(self) -> None:
        """Refuse what no feature norm can be."""
        observed = self.observes or self.correction == 0
        must = "0, or 1 where moments are observed (given ones have been corrected or not)"
        rules = f.rules(self)
        require(**{**rules, "correction": (rules["correction"][0] and observed, must, self.correction)})

    def at_rank(self, rank: int) -> "FeatureNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: FeatureNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where moments lie in an x of this shape."""
        return keeping(shape, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        kept = self.geometry(shape).owned
        role: Literal["state", "parameter"] = "state" if self.observes else "parameter"
        slots = {"mean": f.Slot(kept, role, 0.0), "variance": f.Slot(kept, role, 1.0)}
        return {**slots, "count": f.Slot((), "count", 0)} if self.observes else slots
