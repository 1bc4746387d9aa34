"""Mean and variance normalization, forward and gradient, as docs/spec/mean_variance_norm.md defines it."""

from normspec.layers.geometry import over
from normspec.layers.mean_variance_norm import MeanVarianceNorm
from normspec.records import Array, Arrays
from normspec.reference.checks import check, shape_of_cotangent
from normspec.reference.normalize import step, step_vjp
from normspec.reference.standardize import Saved


def mean_variance_norm(
    x: Array,
    *,
    axes: tuple[int, ...],
    epsilon: float,
    divide: bool = True,
    epsilon_place: str = "inside",
    correction: int = 0,
    statistics_dtype: str = "widened",
) -> tuple[Array, Saved]:
    """Take the mean from x and divide by its deviation, over these axes.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    axes, epsilon, divide, epsilon_place, correction, statistics_dtype
        As the clauses of `normspec.layers.MeanVarianceNorm` define them.

    Returns
    -------
    y
        Of x's shape and dtype.
    saved
        What `mean_variance_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where x has not these axes.
    """
    check(
        MeanVarianceNorm,
        x,
        divide=divide,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        correction=correction,
        statistics_dtype=statistics_dtype,
    )
    y, _, saved = step(
        x,
        {},
        over(tuple(x.shape), axes),
        correction=correction,
        divide=divide,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
    )
    assert saved is not None, "there is an output, and so a gradient"
    return y, saved


def mean_variance_norm_vjp(saved: Saved, dy: Array, *, axes: tuple[int, ...], correction: int = 0) -> Arrays:
    """Give the cotangent of x.

    Parameters
    ----------
    saved
        From `mean_variance_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, of its shape and dtype.
    """
    return step_vjp(saved, dy, over(shape_of_cotangent(dy, saved), axes), correction=correction)
