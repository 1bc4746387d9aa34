"""Recalibration: running statistics taken anew from batches of x, the weights as they are. docs/recalibrate.md has the formulas."""

from collections.abc import Iterable
from functools import reduce
from typing import Any, Literal

from normspec.errors import InvalidInput
from normspec.layers import BatchNorm
from normspec.layers.geometry import keeping
from normspec.records import Array
from normspec.reference.checks import check
from normspec.reference.moments import Moments, merged, number_of, observed, variance_of
from normspec.reference.names import namespace, promoted, shaped
from normspec.reference.standardize import at_least_one
from normspec.reference.sums import total

__all__ = ["recalibrate"]


def recalibrate(
    batches: Iterable[Array | Moments],
    *,
    channel_axes: tuple[int, ...],
    estimator: Literal["pooled", "mean"] = "pooled",
    correction: Literal[0, 1] = 0,
    statistics_dtype: str = "widened",
) -> dict[str, Array]:
    """Give the running statistics of a batch norm from a stream of what it normalizes: what is called precise batch norm.

    Source: Wu and Johnson 2021, arXiv:2105.07576, whose authors' code has both estimators.

    Parameters
    ----------
    batches
        Arrays x, floating, of any rank that has the channel axes, with the same lengths there; or, where these alone are known, the
        `Moments` of each batch, of one shape: `normspec.reference.moments.of_statistics` makes them of mean, variance and count. Batches of
        no values count for nothing.
    channel_axes
        The axes of x along which every index has statistics of its own.
    estimator
        `pooled`: mean and variance of all values together, which are the same however these are cut into batches. `mean`: the mean of the
        batches' means and the mean of their variances, every batch alike; these leave out how far the batches' means lie apart.
    correction
        A variance is the sum of squared deviations over max(n - correction, 1), n being the number of all values (pooled) or of those in
        each batch (mean).
    statistics_dtype
        The dtype in which the moments of an x are taken, as the clause of `normspec.BatchNorm` says.

    Returns
    -------
    dict
        `running_mean` and `running_variance`, of the shape of x along the channel axes, in ascending order, or of the shape of the
        moments; in the dtype in which they were taken.

    Raises
    ------
    InvalidInput
        Where an x is not floating or lacks an axis, shapes differ, no batch has a value, or the estimator or the correction is none.
    """
    if estimator not in ("pooled", "mean") or correction not in (0, 1):
        raise InvalidInput(f"estimator must be 'pooled' or 'mean' and correction 0 or 1, got {estimator!r} and {correction!r}")
    found = [a if isinstance(a, Moments) else _moments(a, channel_axes, statistics_dtype) for a in batches]
    seen = [a for a in found if not isinstance(a.count, int) or a.count > 0]
    if not seen:
        raise InvalidInput(f"batches must have a value for each statistic, got {len(found)}, all empty: a stream can be read only once")
    shapes = list(dict.fromkeys(tuple(a.mean.shape) for a in seen))
    if len(shapes) > 1:
        raise InvalidInput(f"batches must have the same channels, got statistics of the shapes {', '.join(map(str, shapes))}")
    if estimator == "pooled":
        of_all = reduce(merged, seen)
        return {"running_mean": of_all.mean, "running_variance": variance_of(of_all, correction)}
    xp = namespace(seen[0].mean)
    return {
        "running_mean": _mean(xp, seen, [a.mean for a in seen]),
        "running_variance": _mean(xp, seen, [variance_of(a, correction) for a in seen]),
    }


def _moments(x: Array, channel_axes: tuple[int, ...], statistics_dtype: str) -> Moments:
    """Give the moments of one batch, of the shape of x along the channel axes; of an empty one, x itself in their place."""
    check(BatchNorm, x, statistics_dtype=statistics_dtype)
    at = keeping(tuple(x.shape), channel_axes)
    if at.n == 0:
        return Moments(0, x, x)
    seen = observed(x, at.axes, statistics_dtype)
    return Moments(seen.count, *(shaped(namespace(x), a, at.owned) for a in (seen.mean, seen.m2)))


def _mean(xp: Any, seen: list[Moments], values: list[Array]) -> Array:
    """Give the mean of what was found of each batch that has values."""
    values = list(promoted(xp, *values))
    numbers = [number_of(batch, a) for batch, a in zip(seen, values, strict=True)]
    values = [xp.where(n == 0, xp.zeros_like(a), a) for n, a in zip(numbers, values, strict=True)]
    present = [xp.where(n == 0, n, xp.zeros_like(n) + 1) for n in numbers]
    sums = (total(xp, xp.concat([shaped(xp, a, (1, *a.shape)) for a in of], axis=0), (0,)) for of in (values, present))
    of_values, of_present = (shaped(xp, a, values[0].shape) for a in sums)
    return of_values / at_least_one(xp, of_present)
