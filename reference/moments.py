"""Moments of everything that was observed, in one batch or in several: count, mean, and the sum of squared deviations M2.

They merge exactly: the moments of two sets of values are made of the moments of each (Chan, Golub and LeVeque 1979).
"""

from typing import Any, NamedTuple

from normspec.records import Array
from normspec.reference import standardize as s
from normspec.reference.names import cast, dtype_named, namespace, promoted
from normspec.reference.sums import size, total


class Moments(NamedTuple):
    """The number of values of each feature, their mean, and the sum of their squared deviations from it."""

    count: Array | int  # type: ignore[assignment]  # tuples have a method of this name, which nobody needs here
    mean: Array
    m2: Array


def observed(x: Array, axes: tuple[int, ...], statistics_dtype: str = "widened") -> Moments:
    """Give the moments of one array over these axes, which keep length 1; where it has no values there, a count and sums of 0."""
    xp = namespace(x)
    if not size(x, axes):
        nothing = total(xp, cast(xp, x, dtype_named(xp, x, statistics_dtype)), axes)
        return Moments(0, nothing, nothing)
    seen = s.moments(xp, x, axes, statistics_dtype)
    return Moments(seen.n, seen.mean, seen.variance * seen.n)


def of_statistics(mean: Array, variance: Array, count: Array | int, *, correction: int) -> Moments:
    """Give the moments of `count` values whose mean and variance are known, the latter being M2 over max(count - correction, 1)."""
    xp = namespace(mean)
    mean, variance = promoted(xp, mean, variance)
    return Moments(count, mean, variance * _degrees(xp, count, variance, correction))


def variance_of(moments: Moments, correction: int) -> Array:
    """Give M2 over max(count - correction, 1)."""
    return moments.m2 / _degrees(namespace(moments.m2), moments.count, moments.m2, correction)


def merged(a: Moments, b: Moments) -> Moments:
    """Give the moments of the values of both. Moments of no values (count 0) change nothing, whatever else is in them."""
    xp = namespace(a.mean)
    mean, mean_of_b, m2, m2_of_b = promoted(xp, a.mean, b.mean, a.m2, b.m2)
    of_a, of_b = (number_of(moments, mean) for moments in (a, b))
    share = of_b / s.at_least_one(xp, of_a + of_b)
    mean = xp.where(of_a == 0, mean_of_b, mean)  # of no values there is no mean: one far away would leave its rounding in the sum
    apart = xp.where(of_b == 0, mean, mean_of_b) - mean
    m2, m2_of_b = (xp.where(n == 0, xp.zeros_like(m), m) for n, m in ((of_a, m2), (of_b, m2_of_b)))
    return Moments(a.count + b.count, mean + apart * share, m2 + m2_of_b + apart * apart * (of_a * share))


def number_of(moments: Moments, like: Array) -> Array:
    """Give the count as an array of this one's shape and dtype."""
    return _number(namespace(like), moments.count, like)


def _number(xp: Any, count: Array | int, like: Array) -> Array:
    return xp.zeros_like(like) + (count if isinstance(count, int) else cast(xp, count, like.dtype))


def _degrees(xp: Any, count: Array | int, like: Array, correction: int) -> Array:
    return s.at_least_one(xp, _number(xp, count, like) - correction)
