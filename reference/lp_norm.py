"""Lp normalization, forward and gradient, as docs/spec/lp_norm.md defines it."""

from normspec.layers.geometry import over
from normspec.layers.lp_norm import LpNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.divide import Norm, Saved, divided, vjp, without_number
from normspec.reference.names import namespace
from normspec.reference.parameters import output


def lp_norm(
    x: Array,
    *,
    axes: tuple[int, ...],
    epsilon: float,
    order: float = 2.0,
    epsilon_place: str = "inside",
    at_zero: str = "zero",
    statistics_dtype: str = "widened",
) -> tuple[Array, Saved]:
    """Divide x by its p-norm over these axes.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    axes, epsilon, order, epsilon_place, at_zero, statistics_dtype
        As the clauses of `normspec.layers.LpNorm` define them.

    Returns
    -------
    y
        Of x's shape and dtype.
    saved
        What `lp_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where x has not these axes.
    """
    check(LpNorm, x, order=order, epsilon=epsilon, epsilon_place=epsilon_place, at_zero=at_zero, statistics_dtype=statistics_dtype)
    xp, at = namespace(x), over(tuple(x.shape), axes)
    normal, inverse, way = divided(xp, x, Norm(at.axes, epsilon, epsilon_place, order), statistics_dtype)
    if at_zero == "no_number":
        normal = without_number(xp, normal, inverse)
    return output(xp, normal, x, (), "input"), Saved(x, None, None, normal, normal, inverse, way)


def lp_norm_vjp(saved: Saved, dy: Array, *, axes: tuple[int, ...]) -> Arrays:
    """Give the cotangent of x.

    Parameters
    ----------
    saved
        From `lp_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, of its shape and dtype.
    """
    at = over(shape_of_cotangent(dy, saved), axes)
    return vjp(namespace(dy), saved, dy, at.axes, at)
