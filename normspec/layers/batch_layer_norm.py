"""Batch layer normalization: a sum of what normalization over the batch and normalization over the features give."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from normspec.clauses import choice, require
from normspec.errors import InvalidInput
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.geometry import Geometry, Shape, over
from normspec.layers.running import KEPT
from normspec.records import Mode

PAIR = 2
"""The least rank: samples and features."""
OF_EPOCH = replace(KEPT, start="debiased", rate=0.0)
"""The mean of all observations since the count was 0."""
STATE = ("batch_mean", "batch_variance", "feature_mean", "feature_variance")


def _population(of: str, *points: bool) -> Any:
    """Declare whether evaluation takes a statistic from the averages."""
    sentence = f"evaluate and freeze MUST take the {of} from the averages; without, from this x, as train does."
    return choice(f"With `population_{of.replace(' ', '_')}`, {sentence}", *points)


@dataclass(frozen=True, kw_only=True)
class BatchLayerNorm:
    """y = scale (w_f x_f + w_b x_b) / sqrt(d) + shift, x_b being normalized over the samples, and x_f over the d features.

    Source: Ziaee and Çano 2022, arXiv:2209.08898, and the authors' code.
    """

    layer: ClassVar[str] = "batch_layer_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be scale times (w_f x_f + w_b x_b) / sqrt(d), plus shift, and have the shape of x: x_b and x_f being x less a "
        "mean over sqrt(variance + epsilon), with statistics over the first axis alone and over the last, both of the population and "
        "without correction in train; w_f being 1/m - delta and w_b as `batch_delta` says, m the length of x's first axis and d that of "
        "its last.",
        **{name: s.LAWS[name] for name in ("pullback", "gradient.x")},
        "gradient.scale": "The cotangent of scale MUST be the sum of dy times what scale multiplies over every axis along which scale is "
        "broadcast.",
        **{name: s.LAWS[name] for name in ("gradient.shift", "gradient.dtype", "inputs", "parameters")},
        "born": "Before anything is loaded, scale MUST be 1 and shift 0, and every average 0.",
        "accuracy": s.LAWS["accuracy"],
        "update": "A train or observe step MUST move each average of a mean and of a variance, which is the sum of squared deviations over "
        "their number times m over max(m - 1, 1), by 1 / count of the difference, exactly once; its pullback MUST NOT move them.",
        "count": "The count MUST be an integer scalar, born 0, that rises by 1 with each observation.",
        "keep": s.RUNNING_LAWS["keep"],
    }
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    epsilon: float = choice(
        "`epsilon` MUST be the number added to each variance, as given, neither floored nor replaced.",
        2.0**-10,
        2.0**-6,
        rule=f.positive,
    )
    delta: float = choice("`delta` MUST be taken from the weight 1/m of x_f, as given.", 2.0**-13, 2.0**-5, 0.0, rule=f.not_negative)
    batch_delta: Literal["minus", "plus"] = choice(
        "The weight of x_b MUST be 1 - 1/m less `delta` (minus), or plus it (plus).", "minus", "plus"
    )
    population_batch_mean: bool = _population("batch mean", True, False)
    population_batch_variance: bool = _population("batch variance", True, False)
    population_feature_mean: bool = _population("feature mean", False, True)
    population_feature_variance: bool = _population("feature variance", False, True)
    scale: bool = f.scale()
    shift: bool = f.shift()
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()

    def __post_init__(self) -> None:
        """Refuse what no such layer can be. Where there is no delta, its sign says nothing."""
        rules = f.rules(self)
        holds, _, got = rules["batch_delta"]
        signed = got == "minus" or (holds and self.delta > 0)
        require(**{**rules, "batch_delta": (signed, "'minus', or 'plus' where delta is positive", got)})

    def at_rank(self, rank: int) -> "BatchLayerNorm":  # noqa: ARG002 - it names no axes
        """Give the same layer on arrays of this rank."""
        return self

    def geometry(self, shape: Shape) -> Geometry:
        """Give where the batch's statistics and the parameters lie in an x of this shape."""
        return sides(shape)[0]

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape: a feature statistic for each sample of the batch."""
        kept = {name: f.Slot(shape[1:] if name.startswith("batch") else shape[:-1], "state", 0.0) for name in STATE}
        return {**f.parameter_slots(self, self.geometry(shape).owned), **kept, "count": f.Slot((), "count", 0)}


def sides(shape: Shape) -> tuple[Geometry, Geometry]:
    """Give where the statistics over the samples lie in an x of this shape, and those over the features.

    Raises
    ------
    InvalidInput
        Where samples and features are not two axes.
    """
    if len(shape) < PAIR:
        raise InvalidInput(f"x must have at least two axes, samples first and features last, got shape {shape}")
    return over(shape, (0,), (-1,)), over(shape, (-1,), (-1,))
