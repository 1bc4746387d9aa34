"""Full normalization: training, too, normalizes with running estimates of the whole data set's statistics. Experimental."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from normspec.clauses import Rule, choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, keeping
from normspec.layers.running import ROUNDING
from normspec.records import Mode


def _rate(value: Any) -> Rule:
    return f.is_number(value) and 0 <= value <= 1, "a weight between 0 and 1", value


@dataclass(frozen=True, kw_only=True)
class FullNorm:
    """y = scale (x - running mean) / divisor + shift in every mode, the divisor being that of the running mean of squares.

    Source: Lian and Liu 2019, PMLR 89:3254, arXiv:1810.06177, of which the abstract alone was read: docs/spec/full_norm.md says what is
    derived.
    """

    layer: ClassVar[str] = "full_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "In every mode y MUST be scale times (x - running mean) over the divisor, plus shift, with the running statistics as "
        "kept after the step, the divisor being the root of the variance, and have the shape of x.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "In train the cotangent of x MUST be that of batch normalization with the running mean and variance in the place of "
        "the batch's, as if the batch had the whole weight in them, without the way through the variance where that is `epsilon`; it is "
        "not the derivative of y. In evaluate and freeze the running statistics MUST be constants.",
        "gradient.scale": s.LAWS["gradient.scale"],
        "gradient.shift": s.LAWS["gradient.shift"],
        "gradient.dtype": f.LAWS["gradient.dtype"],
        "inputs": f.LAWS["inputs"],
        "parameters": f.LAWS["parameters"],
        "born": "Before anything is loaded, scale MUST be 1 and shift 0, the running mean 0 and the running mean of squares 1.",
        "accuracy": "The error MUST stay within the bound of docs/bounds.md, which grows with the square of the condition number, as that "
        "of a mean of squares less a squared mean does.",
        "update": s.RUNNING_LAWS["update"],
        "keep": s.RUNNING_LAWS["keep"],
    }
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    channel_axes: tuple[int, ...] = choice(
        "Statistics MUST be taken over every axis but these; scale, shift and state MUST lie along these, in ascending order.",
        (1,),
        (-1,),
        (0,),
        (),
    )
    epsilon: float = choice(
        "The variance MUST be the running mean of squares less the square of the running mean, and `epsilon` where that is less.",
        2.0**-10,
        2.0**-6,
        rule=f.positive,
    )
    rate: float = choice(
        "The running mean and the running mean of squares MUST move towards the mean of x and that of its squares by `rate` times the "
        "difference.",
        0.125,
        0.875,
        0.0,
        1.0,
        within=ROUNDING,
        rule=_rate,
    )
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()

    def __post_init__(self) -> None:
        """Refuse what no full normalization can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "FullNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: FullNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return keeping(shape, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        kept = self.geometry(shape).owned
        state = {"running_mean": f.Slot(kept, "state", 0.0), "running_square": f.Slot(kept, "state", 1.0)}
        return {**f.parameter_slots(self, kept), **state}
