"""Moments of everything that was observed, in one batch or in several: count, mean, and the sum of squared deviations M2.

They merge exactly: the moments of two sets of values are made of the moments of each (Chan, Golub and LeVeque 1979).
"""

from typing import Any, NamedTuple

from normspec.records import Array
from normspec.reference import standardize as s
from normspec.reference.names import cast, namespace, promoted


class Moments(NamedTuple):
    """The number of values of each feature, their mean, and the sum of their squared deviations from it."""

    count: Array | int  # type: ignore[assignment]  # tuples have a method of this name, which nobody needs here
    mean: Array
    m2: Array


def observed(x: Array, axes: tuple[int, ...], statistics_dtype: str = "widened") -> Moments:
    """Give the moments of one array over these axes, which keep length 1."""
    seen = s.moments(namespace(x), x, axes, statistics_dtype)
    return Moments(seen.n, seen.mean, seen.variance * seen.n)


def merged(a: Moments, b: Moments) -> Moments:
    """Give the moments of the values of both. Moments of no values (count 0) change nothing."""
    xp = namespace(a.mean)
    mean, mean_of_b, m2, m2_of_b = promoted(xp, a.mean, b.mean, a.m2, b.m2)
    of_a, of_b = (_number(xp, moments.count, mean) for moments in (a, b))
    share = of_b / s.at_least_one(xp, of_a + of_b)
    mean = xp.where(of_a == 0, mean_of_b, mean)  # of no values there is no mean: one far away would leave its rounding in the sum
    apart = mean_of_b - mean
    return Moments(a.count + b.count, mean + apart * share, m2 + m2_of_b + apart * apart * (of_a * share))


def _number(xp: Any, count: Array | int, like: Array) -> Array:
    """Give a count as an array of the moments' dtype."""
    return xp.zeros_like(like) + (count if isinstance(count, int) else cast(xp, count, like.dtype))
