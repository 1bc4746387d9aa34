"""Running statistics: one record for every moving average that frameworks keep."""

import math
from dataclasses import dataclass
from typing import Literal

from normspec.clauses import choice, require
from normspec.layers.fields import Slot

ROUNDING = 2.0**-51
"""What four roundings of numbers below 1 amount to: a rate that went by way of 1 - rate, in decimals, and back is the same one."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """r_k = r_(k-1) + w_k (s_k - r_(k-1)), s_k being the k-th observation and k = state["count"] after it."""

    rate: float = choice("w_k MUST tend to `rate`, the weight of the new observation.", 0.0, 0.125, 0.875, 1.0, within=ROUNDING)
    start: Literal["initial", "first", "debiased"] = choice(
        "w_k, k being the count of observations after this one, MUST be rate (initial); 1 for k = 1, then rate (first); "
        "rate / (1 - (1 - rate)^k), which is 1/k at rate 0 (debiased).",
        "initial",
        "first",
        "debiased",
    )
    correction: Literal[0, 1] = choice(
        "The variance observed MUST be the sum of squared deviations over max(n - correction, 1), n being the values per statistic.", 0, 1
    )
    initial_mean: float = choice("Before the first step the running mean MUST be `initial_mean`.", 0.0, 0.5)
    initial_variance: float = choice("Before the first step the running variance MUST be `initial_variance`.", 1.0, 0.0)
    state_dtype: Literal["parameter", "float32"] = choice(
        "Running statistics MUST be kept in the parameters' dtype (parameter) or in float32.", "parameter", "float32"
    )

    def __post_init__(self) -> None:
        """Refuse what no running average can be."""
        require(
            rate=(0 <= self.rate <= 1, "a weight between 0 and 1", self.rate),
            start=(self.start in ("initial", "first", "debiased"), "'initial', 'first' or 'debiased'", self.start),
            correction=(self.correction in (0, 1), "0 (population) or 1 (sample)", self.correction),
            initial_mean=(math.isfinite(self.initial_mean), "finite", self.initial_mean),
            initial_variance=(0 <= self.initial_variance < math.inf, "finite and not negative", self.initial_variance),
            state_dtype=(self.state_dtype in ("parameter", "float32"), "'parameter' or 'float32'", self.state_dtype),
        )

    @property
    def counts(self) -> bool:
        """Whether the weight depends on k, so that the count is part of the state."""
        return self.start != "initial"


KEPT = Running(rate=0.125, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
"""Running statistics as a point that stands for all that are kept."""


def state_slots(running: Running | None, shape: tuple[int, ...]) -> dict[str, Slot]:
    """Give the slots of running statistics of this shape, as far as they are kept."""
    if running is None:
        return {}
    slots = {
        "running_mean": Slot(shape, "state", running.initial_mean),
        "running_variance": Slot(shape, "state", running.initial_variance),
    }
    return {**slots, "count": Slot((), "count", 0)} if running.counts else slots
