"""Full normalization, forward and gradient, as docs/spec/full_norm.md defines it. Experimental."""

from dataclasses import replace
from typing import Any

from normspec.layers.full_norm import FullNorm
from normspec.layers.geometry import Geometry, keeping
from normspec.layers.running import KEPT
from normspec.records import Array, Arrays, Mode
from normspec.reference import standardize as s
from normspec.reference.checks import check, kept, shape_of_cotangent
from normspec.reference.names import cast, dtype_named, namespace, promoted
from normspec.reference.parameters import affine, along, output, require_state
from normspec.reference.running import averaged
from normspec.reference.sums import size, total

STATE = ("running_mean", "running_square")


def full_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    state: Arrays | None = None,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    epsilon: float,
    rate: float,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, dict[str, Array], s.Saved | None]:
    """Normalize x with running statistics, into which training takes x first.

    Parameters
    ----------
    x
        Floating, of any rank that has the channel axes, with at least one value per statistic.
    scale, shift
        Of the shape of x along the channel axes, in ascending order; or None.
    state
        `running_mean` and `running_square`, the running mean of squares, of that shape.
    mode, channel_axes, epsilon, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.FullNorm` define them.
    rate
        Likewise; a schedule gives another with each step.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`; None in mode `observe`.
    state
        The state after the step, a new dict; evaluate and freeze give the arrays that they were given.
    saved
        What `full_norm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, or a state is missing.
    """
    dtypes = {"statistics_dtype": statistics_dtype, "output_dtype": output_dtype}
    check(FullNorm, x, mode=mode, state=state, channel_axes=channel_axes, epsilon=epsilon, rate=rate, **dtypes)
    xp, at = namespace(x), keeping(tuple(x.shape), channel_axes)
    state, moves = kept(state, STATE), mode in ("train", "observe")
    require_state(state, x, at)
    dtype = dtype_named(xp, x, statistics_dtype)
    wide = cast(xp, x, dtype)
    if moves:
        state = averaged(xp, state, _seen(xp, wide, at, dtype), replace(KEPT, rate=rate))[0]
    if mode == "observe":
        return None, dict(state), None
    wide, mean, square = promoted(xp, wide, *(along(xp, state[name], name, x, at) for name in STATE))
    spread, variance = wide - mean, square - mean * mean
    low = variance < epsilon
    inverse = 1 / xp.sqrt(xp.where(low, xp.zeros_like(variance) + epsilon, variance))
    slope = xp.where(low, xp.zeros_like(inverse), inverse)
    normal = spread * inverse
    y = affine(xp, normal, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at))
    # the whole weight, whatever the rate: that makes the pullback the published one, which is no derivative of y
    saved = s.Saved(x, scale, shift, normal, spread, inverse, slope, 1.0 if moves else None)
    return output(xp, y, x, (scale, shift), output_dtype), dict(state), saved


def full_norm_vjp(saved: s.Saved, dy: Array, *, channel_axes: tuple[int, ...]) -> Arrays:
    """Give the cotangents of x, scale and shift; that of x in training is the stochastic compositional one.

    Parameters
    ----------
    saved
        From `full_norm`, whose keyword this is too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    at = keeping(shape_of_cotangent(dy, saved), channel_axes)
    return s.vjp(namespace(dy), saved, dy, at, 0)


def _seen(xp: Any, x: Array, at: Geometry, dtype: Any) -> dict[str, Array]:
    """Give the mean of x and that of its squares in the dtype of the statistics."""
    n = size(x, at.axes)
    return {name: xp.astype(total(xp, a, at.axes) / n, dtype) for name, a in zip(STATE, (x, x * x), strict=True)}
