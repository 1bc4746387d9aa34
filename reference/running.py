"""Running statistics: the weight of the k-th observation, and the update."""

from typing import Any

from normspec.layers.running import Running
from normspec.records import Array, Arrays
from normspec.reference.names import cast, factor, promoted, shaped
from normspec.reference.standardize import Moments, estimate
from normspec.reference.sums import size, total

FAR = -200.0
"""Below it, expm1 is -1 in every precision here, and quad arithmetic warns of nothing."""


def weight(xp: Any, running: Running, count: Array | None, dtype: Any) -> Array | float:
    """Give w_k, count being k. 1 - (1 - rate)^k is taken by expm1 and log1p, which lose no digits at small rates."""
    if running.start == "initial" or count is None:
        return running.rate
    k = cast(xp, count, dtype)
    nothing = xp.zeros_like(k)
    if running.start == "first":
        return xp.where(k == 1, nothing + 1, nothing + running.rate)
    if running.rate == 0:
        return 1 / k
    if running.rate == 1:
        return 1.0
    exponent = k * xp.log1p(nothing - running.rate)
    return -running.rate / xp.expm1(xp.where(exponent < FAR, nothing + FAR, exponent))


def observations(xp: Any, seen: Moments, pooled: tuple[int, ...], observed: str) -> list[Moments]:
    """Give what a step observes, one after the other.

    That is all statistics, whose mean over the axes `pooled` counts (mean), those at each index along that axis (each), or those of
    all values together (whole).
    """
    if observed == "mean":
        return [seen]
    if observed == "whole":
        mean = total(xp, seen.mean, pooled) / size(seen.mean, pooled)
        apart = seen.mean - mean
        variance = total(xp, seen.variance + apart * apart, pooled) / size(seen.mean, pooled)
        return [Moments(mean, seen.spread, variance, seen.n * size(seen.mean, pooled))]
    (axis,) = pooled
    ghosts = [(slice(None),) * axis + (slice(k, k + 1), ...) for k in range(seen.mean.shape[axis])]
    return [Moments(seen.mean[one], seen.spread, seen.variance[one], seen.n) for one in ghosts]


def observe(
    xp: Any, state: Arrays, seen: Moments, running: Running, pooled: tuple[int, ...] = ()
) -> tuple[dict[str, Array], Array | float]:
    """Give the state after an observation, and the weight that it had.

    What is observed is the mean of the statistics over the axes `pooled`.
    """
    found = {"running_mean": seen.mean, "running_variance": estimate(xp, seen, running.correction)}
    return averaged(xp, state, found, running, pooled)


def averaged(
    xp: Any, state: Arrays, found: Arrays, running: Running, pooled: tuple[int, ...] = ()
) -> tuple[dict[str, Array], Array | float]:
    """Give what is kept after one more observation of what was found, by its name, with the count; and the weight that it had."""
    count = state["count"] + 1 if running.counts else None
    w = weight(xp, running, count, next(iter(found.values())).dtype)
    new: dict[str, Array] = {} if count is None else {"count": count}
    for name, value in found.items():
        old = state[name]
        dtype = old.dtype if running.state_dtype == "parameter" else xp.float32
        observed = total(xp, value, pooled) / size(value, pooled) if pooled else value
        wide, observed = promoted(xp, old, shaped(xp, observed, old.shape))
        new[name] = cast(xp, wide + factor(xp, w, wide) * (observed - wide), dtype)
    return new, w
