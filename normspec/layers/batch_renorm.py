"""Batch renormalization: batch normalization whose training is corrected towards averages of the statistics."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar, Literal

from normspec.clauses import Rule, choice, require
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, keeping
from normspec.layers.running import KEPT, ROUNDING, Running
from normspec.records import Mode

Averaged = Literal["deviation", "variance", "both"]
CLIPPED = "train MUST multiply (x - mean) over the divisor by r, the batch's divisor over that of the averages,"


def _limit(value: Any) -> Rule:
    return value is None or (f.is_number(value) and value >= 0), "None, or finite and not negative", value


def _kept(value: Any) -> Rule:
    return isinstance(value, Running), "a Running", value


def _rate(value: Any) -> Rule:
    return value is None or (f.is_number(value) and 0 <= value <= 1), "None, or a weight between 0 and 1", value


@dataclass(frozen=True, kw_only=True)
class BatchRenorm:
    """y = scale ((x - mean) / divisor r + d) + shift in training, r and d being constants that averages of the statistics give.

    Source: Ioffe 2017, arXiv:1702.03275; the points are those of today's frameworks.
    """

    layer: ClassVar[str] = "batch_renorm"
    laws: ClassVar[Mapping[str, str]] = {
        **{name: sentence for name, sentence in s.LAWS.items() if name not in f.TANGENTS},
        "output": "In train y MUST be scale times ((x - mean) / divisor r + d), plus shift, the divisor being sqrt(variance + epsilon), in "
        "evaluate and freeze scale times (x - running mean) over the divisor of the running ones, plus shift; and have the shape of x.",
        "gradient.x": "The cotangent of x MUST include the way through mean and divisor, where these are taken from this x; r, d and "
        "other statistics MUST be constants.",
        "gradient.scale": "The cotangent of scale MUST be the sum of dy times what scale multiplies over every axis along which scale is "
        "broadcast.",
        "earlier": "r and d MUST be those of the averages as they were before the update of their step.",
        "born": "Before anything is loaded, scale MUST be 1 and shift 0, every mean kept `running.initial_mean`, every variance kept "
        "`running.initial_variance`, and every deviation kept its root.",
        **s.RUNNING_LAWS,
        **s.MASK,
        **s.REFUSAL,
    }
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    channel_axes: tuple[int, ...] = choice(
        "Statistics MUST be taken over every axis but these; scale, shift and state MUST lie along these, in ascending order.",
        (1,),
        (-1,),
        (0,),
        (),
    )
    epsilon: float = f.epsilon()
    correction: Literal[0, 1] = s.correction()
    variance: s.Variance = s.variance()
    averaged: Averaged = choice(
        "Averages MUST be of the mean and, with running.correction, of sqrt(variance + epsilon), which is the divisor that they give "
        "(deviation), of the variance, their divisor being the root of that plus epsilon (variance), or of sqrt(variance + epsilon), "
        "beside which each update MUST set a running variance to max(running deviation^2 - epsilon, 0), and evaluate and freeze MUST "
        "divide by the root of that plus epsilon (both).",
        "deviation",
        "variance",
        "both",
    )
    renorm_rate: float | None = choice(
        "r and d MUST be those of the running statistics (None), or those of a mean and a deviation, or a variance, of their own "
        "(renorm_mean, renorm_deviation, renorm_variance), whose weight of the new observation is that of the running ones with this "
        "in the place of running.rate.",
        None,
        0.25,
        0.75,
        within=ROUNDING,
        rule=_rate,
    )
    floor: bool = choice(
        "With `floor`, r and d MUST be those of an average deviation of at least sqrt(epsilon); without, of the one that there is.",
        False,
        True,
    )
    r_min: float = choice(f"{CLIPPED} which MUST be r_min where it is less.", 0.0, 0.875, rule=f.not_negative)
    r_max: float | None = choice(f"{CLIPPED} which MUST be r_max where it is more, unless that is None.", None, 1.25, rule=_limit)
    d_max: float | None = choice(
        "train MUST add d, the batch's mean less that of the averages over their divisor, which MUST be limited to -d_max and d_max, "
        "unless that is None.",
        None,
        0.25,
        0.0,
        rule=_limit,
    )
    running: Running = choice("evaluate and freeze MUST normalize with the running statistics.", KEPT, record=Running, rule=_kept)
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()
    one_value: s.OneValue = choice(
        "Where a statistic would be taken over one value, the layer MUST refuse x (refuse) or take the value for its mean, and in train "
        "give scale times d, plus shift (shift).",
        "refuse",
        "shift",
    )

    def __post_init__(self) -> None:
        """Refuse what no batch renormalization can be."""
        lowest = not self.floor or (self.averaged != "variance" and self.epsilon > 0)
        ordered = self.r_max is None or self.r_min <= self.r_max
        rules = f.rules(self)
        require(
            **{
                **rules,
                "floor": (rules["floor"][0] and lowest, "False where epsilon is 0 or a variance is averaged, else or True", self.floor),
                "r_min": (rules["r_min"][0] and ordered, f"finite, not negative and at most r_max, {self.r_max!r}", self.r_min),
            }
        )

    def at_rank(self, rank: int) -> "BatchRenorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: BatchRenorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return keeping(shape, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        kept, running = self.geometry(shape).owned, self.running
        born = {"mean": running.initial_mean, "variance": running.initial_variance, "deviation": sqrt(running.initial_variance)}
        sizes = {"deviation": ("deviation",), "variance": ("variance",), "both": ("variance", "deviation")}[self.averaged]
        names = ["running_mean", *(f"running_{size}" for size in sizes)]
        names += [] if self.renorm_rate is None else ["renorm_mean", f"renorm_{sizes[-1]}"]
        slots = {name: f.Slot(kept, "state", born[name.partition("_")[2]]) for name in names}
        count = {"count": f.Slot((), "count", 0)} if running.counts else {}
        return {**f.parameter_slots(self, kept), **slots, **count}
