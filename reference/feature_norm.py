"""Feature normalization, forward and gradient, as docs/spec/feature_norm.md defines it."""

from typing import Any, NamedTuple

from normspec.errors import InvalidInput
from normspec.layers.feature_norm import FeatureNorm
from normspec.layers.geometry import Geometry, keeping
from normspec.records import Array, Arrays, Mode
from normspec.reference.checks import check, kept, shape_of_cotangent
from normspec.reference.moments import merged, observed, of_statistics, variance_of
from normspec.reference.names import cast, dtype_named, namespace, promoted, shaped
from normspec.reference.parameters import along, output, require_state
from normspec.reference.standardize import divisor


class Saved(NamedTuple):
    """What the gradient needs: the derivative of y by x."""

    x: Array
    slope: Array


def feature_norm(
    x: Array,
    state: Arrays,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    epsilon: float,
    observes: bool = True,
    invert: bool = False,
    epsilon_place: str = "floor",
    zero_variance: str = "divisor",
    correction: int = 0,
    statistics_dtype: str = "widened",
) -> tuple[Array, dict[str, Array], Saved | None]:
    """Standardize every feature by the moments that were observed, or observe more.

    Parameters
    ----------
    x
        Floating, of any rank that has the channel axes.
    state
        `mean` and `variance` of the shape of x along the channel axes, in ascending order, and where the layer observes the integer
        `count` of values that they are of.
    mode, channel_axes, epsilon, observes, invert, epsilon_place, zero_variance, correction, statistics_dtype
        As the clauses of `normspec.layers.FeatureNorm` define them.

    Returns
    -------
    y
        Of x's shape and dtype; None in mode `observe`.
    state
        The state after the step, a new dict: in mode `observe` merged with what x adds, else the arrays that were given.
    saved
        What `feature_norm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, a moment is missing, or a layer of given moments is to observe.
    """
    check(
        FeatureNorm,
        x,
        mode=mode,
        state=state,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        zero_variance=zero_variance,
        correction=correction,
        statistics_dtype=statistics_dtype,
    )
    xp, at = namespace(x), keeping(tuple(x.shape), channel_axes)
    needed = ("mean", "variance", "count") if observes else ("mean", "variance")
    state = kept(state, needed)
    require_state(state, x, at)
    mean, variance = (along(xp, state[name], name, x, at) for name in ("mean", "variance"))
    if mode == "observe":
        if not observes:
            raise InvalidInput("mode must be train, evaluate or freeze where mean and variance are given, got 'observe'")
        return None, _after(xp, x, state, at, correction, statistics_dtype), None
    wide = cast(xp, x, dtype_named(xp, x, statistics_dtype))
    wide, mean, variance = promoted(xp, wide, mean, variance)
    inverse, _ = divisor(xp, variance, False, epsilon=epsilon, epsilon_place=epsilon_place)
    if zero_variance == "one":
        inverse = xp.where(variance == 0, xp.zeros_like(inverse) + 1, inverse)
    slope = 1 / inverse if invert else inverse
    y = wide * slope + mean if invert else (wide - mean) * slope
    return output(xp, y, x, (), "input"), {name: state[name] for name in needed}, Saved(x, slope)


def feature_norm_vjp(saved: Saved, dy: Array) -> Arrays:
    """Give the cotangent of x.

    Parameters
    ----------
    saved
        From `feature_norm`.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, of its shape and dtype.
    """
    shape_of_cotangent(dy, saved)
    xp = namespace(dy)
    return {"x": cast(xp, cast(xp, dy, saved.slope.dtype) * saved.slope, saved.x.dtype)}


def _after(xp: Any, x: Array, state: Arrays, at: Geometry, correction: int, rule: str) -> dict[str, Array]:
    """Give the state after one more observation."""
    seen = observed(x, at.axes, rule)
    mean, variance = state["mean"], state["variance"]
    before, spread = (shaped(xp, a, at.broadcast) for a in promoted(xp, mean, variance, seen.mean)[:2])
    new = merged(of_statistics(before, spread, state["count"], correction=correction), seen)
    return {
        "mean": cast(xp, shaped(xp, new.mean, mean.shape), mean.dtype),
        "variance": cast(xp, shaped(xp, variance_of(new, correction), variance.shape), variance.dtype),
        "count": new.count,
    }
