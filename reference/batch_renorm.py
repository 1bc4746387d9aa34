"""Batch renormalization, forward and gradient, as docs/spec/batch_renorm.md defines it."""

from dataclasses import replace
from typing import Any

from normspec.layers.batch_renorm import BatchRenorm
from normspec.layers.geometry import Geometry, keeping
from normspec.layers.running import Running
from normspec.records import Array, Arrays, Mode
from normspec.reference import standardize as s
from normspec.reference.checks import check, kept, shape_of_cotangent
from normspec.reference.names import cast, dtype_named, namespace, promoted, shaped
from normspec.reference.parameters import affine, along, output, require_state
from normspec.reference.running import averaged as moved
from normspec.reference.sums import size


def batch_renorm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    state: Arrays | None = None,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    epsilon: float,
    running: Running,
    averaged: str = "deviation",
    renorm_rate: float | None = None,
    floor: bool = False,
    r_min: float = 0.0,
    r_max: float | None = None,
    d_max: float | None = None,
    correction: int = 0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
    mask: Array | None = None,
) -> tuple[Array, dict[str, Array], s.Saved | None]:
    """Normalize x over every axis but the channel axes, in training corrected towards averages.

    Parameters
    ----------
    x
        Floating, of any rank that has the channel axes, with at least one value per statistic.
    scale, shift
        Of the shape of x along the channel axes, in ascending order; or None.
    state
        The averages that `normspec.layers.BatchRenorm.slots` names, of that shape, and where `running.start` is not `initial` the
        integer `count`.
    mode, channel_axes, epsilon, running, averaged, renorm_rate, floor, correction, statistics_dtype, output_dtype, one_value
        As the clauses of `normspec.layers.BatchRenorm` define them.
    r_min, r_max, d_max
        Likewise; a schedule gives others with each step, and they may be arrays of shape ().
    mask
        Boolean, broadcastable to x: statistics are taken over the values where it is true alone, at least one of each statistic's.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`; None in mode `observe`.
    state
        The state after the step, a new dict; evaluate and freeze give the arrays that they were given.
    saved
        What `batch_renorm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, or a state is missing.
    Refused
        Where statistics would be taken over one value and `one_value` is `refuse`.
    """
    told = {"epsilon": epsilon, "averaged": averaged, "renorm_rate": renorm_rate, "floor": floor, "correction": correction}
    dtypes = {"statistics_dtype": statistics_dtype, "output_dtype": output_dtype}
    check(BatchRenorm, x, mode=mode, state=state, running=running, one_value=one_value, **told, **dtypes)
    xp, at = namespace(x), keeping(tuple(x.shape), channel_axes)
    mask, old = s.viewed(xp, mask, x, at), _state(state, running, averaged, renorm_rate)
    require_state(old, x, at)
    if mode in ("evaluate", "freeze"):
        normal, inverse = _evaluated(xp, x, old, at, averaged, epsilon, statistics_dtype)
        saved = s.Saved(x, scale, shift, normal, normal, inverse, inverse, None, mask)
        return _given(xp, normal, saved, at, output_dtype), old, saved
    s.refuse_one_value(x, size(x, at.axes), one_value)
    seen = s.moments(xp, x, at.axes, statistics_dtype, mask)
    new = _observed(xp, old, seen, running, averaged, renorm_rate, epsilon)
    if mode == "observe":
        return None, new, None
    own = s.estimate(xp, seen, correction)
    inverse, slope = s.divisor(xp, own, True, epsilon=epsilon, epsilon_place="inside")
    mean, divisor = _average(xp, seen.spread, old, at, "running" if renorm_rate is None else "renorm", averaged, epsilon)
    divisor = limited(xp, divisor, xp.sqrt(xp.zeros_like(divisor) + epsilon) if floor else None, None)
    own_mean, own_divisor, mean, divisor = promoted(xp, seen.mean, xp.sqrt(own + epsilon), mean, divisor)
    r = limited(xp, own_divisor / divisor, r_min, r_max)
    d = limited(xp, (own_mean - mean) / divisor, None if d_max is None else -d_max, d_max)
    normal, r_of_normal, d = promoted(xp, seen.spread * inverse, r, d)
    scaled = normal * r_of_normal + d
    saved = s.Saved(x, scale, shift, normal, seen.spread, promoted(xp, inverse, r)[0] * r, slope, 1.0, mask, scaled)
    return _given(xp, scaled, saved, at, output_dtype), new, saved


def batch_renorm_vjp(saved: s.Saved, dy: Array, *, channel_axes: tuple[int, ...], correction: int = 0) -> Arrays:
    """Give the cotangents of x, scale and shift; r and d are constants.

    Parameters
    ----------
    saved
        From `batch_renorm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    at = keeping(shape_of_cotangent(dy, saved), channel_axes)
    return s.vjp(namespace(dy), saved, dy, at, correction)


def limited(xp: Any, a: Array, least: Array | float | None, most: Array | float | None) -> Array:
    """Give a, and a limit where it is beyond that."""
    if least is not None:
        a = xp.where(a < least, xp.zeros_like(a) + least, a)
    return a if most is None else xp.where(a > most, xp.zeros_like(a) + most, a)


def _given(xp: Any, scaled: Array, saved: s.Saved, at: Geometry, output_dtype: str) -> Array:
    """Give y: scale and shift applied to what scale multiplies, and the one rounding."""
    x, scale, shift = saved.x, saved.scale, saved.shift
    y = affine(xp, scaled, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at))
    return output(xp, y, x, (scale, shift), output_dtype)


def _average(xp: Any, x: Array, state: Arrays, at: Geometry, of: str, averaged: str, epsilon: float) -> tuple[Array, Array]:
    """Give the mean and the divisor of an average, as they broadcast over x, whose dtype statistics are taken in."""
    size_of = f"{of}_variance" if averaged == "variance" else f"{of}_deviation"
    mean, size = (along(xp, state[name], name, x, at) for name in (f"{of}_mean", size_of))
    mean, size, _ = promoted(xp, mean, size, x)  # widened, lest epsilon be added in a state's 16 bits
    return mean, xp.sqrt(size + epsilon) if averaged == "variance" else size


def _evaluated(xp: Any, x: Array, state: Arrays, at: Geometry, averaged: str, epsilon: float, rule: str) -> tuple[Array, Array]:
    """Give the normalized x of evaluate and freeze, and 1 / divisor."""
    wide = cast(xp, x, dtype_named(xp, x, rule))
    mean, divisor = _average(xp, wide, state, at, "running", "variance" if averaged == "both" else averaged, epsilon)
    wide, mean, divisor = promoted(xp, wide, mean, divisor)
    return (wide - mean) / divisor, 1 / divisor


def _observed(
    xp: Any, state: Arrays, seen: s.Moments, running: Running, averaged: str, renorm_rate: float | None, epsilon: float
) -> dict[str, Array]:
    """Give the state after one more observation."""
    variance = s.estimate(xp, seen, running.correction)
    name, value = ("variance", variance) if averaged == "variance" else ("deviation", xp.sqrt(variance + epsilon))
    new, _ = moved(xp, state, {"running_mean": seen.mean, f"running_{name}": value}, running)
    if renorm_rate is not None:
        own = replace(running, rate=renorm_rate)
        new |= moved(xp, state, {"renorm_mean": seen.mean, f"renorm_{name}": value}, own)[0]
    if averaged == "both":
        old = state["running_variance"]
        deviation, _ = promoted(xp, new["running_deviation"], value)
        square = shaped(xp, deviation * deviation - epsilon, old.shape)
        new["running_variance"] = cast(xp, limited(xp, square, 0.0, None), new["running_deviation"].dtype)
    return new


def _state(state: Arrays | None, running: Running, averaged: str, renorm_rate: float | None) -> dict[str, Array]:
    sizes = {"deviation": ("deviation",), "variance": ("variance",), "both": ("deviation", "variance")}[averaged]
    needed = ["running_mean", *(f"running_{name}" for name in sizes), *(("count",) if running.counts else ())]
    needed += [] if renorm_rate is None else ["renorm_mean", f"renorm_{sizes[0]}"]
    return kept(state, needed)
