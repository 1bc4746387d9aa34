"""Adaptive instance normalization, forward and gradient, as docs/spec/adaptive_instance_norm.md defines it."""

from typing import Any, NamedTuple

from normspec.errors import InvalidInput
from normspec.layers.adaptive_instance_norm import AdaptiveInstanceNorm
from normspec.layers.geometry import Geometry, by_condition, by_sample
from normspec.records import Array, Arrays
from normspec.reference import standardize as s
from normspec.reference.checks import check, require_array, shape_of_cotangent
from normspec.reference.names import cast, namespace, promoted, shaped
from normspec.reference.normalize import step, step_vjp
from normspec.reference.sums import size


class Styled(NamedTuple):
    """What the gradient needs: of x what a scale and a shift would need, of the style its deviations, and one over what they make."""

    content: s.Saved
    style: Array
    spread: Array
    inverse: Array


def adaptive_instance_norm(
    x: Array,
    style: Array,
    *,
    channel_axes: tuple[int, ...],
    epsilon: float,
    style_epsilon: float,
    batch_axes: tuple[int, ...] = (0,),
    epsilon_place: str = "inside",
    correction: int = 0,
    style_correction: int = 0,
    statistics_dtype: str = "widened",
    one_value: str = "shift",
) -> tuple[Array, Styled]:
    """Normalize x for every sample and channel, and give it the deviation and the mean that the style has there.

    Parameters
    ----------
    x
        The content: floating, of any rank that has these axes, with at least one value per statistic.
    style
        Of x's rank and dtype, and of its lengths along the batch and channel axes; along the others of any lengths but 0.
    channel_axes, epsilon, style_epsilon, batch_axes, epsilon_place, correction, style_correction, statistics_dtype, one_value
        As the clauses of `normspec.layers.AdaptiveInstanceNorm` define them.

    Returns
    -------
    y
        Of x's shape and dtype.
    saved
        What `adaptive_instance_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    Refused
        Where statistics of x would be taken over one value and `one_value` is `refuse`.
    """
    check(
        AdaptiveInstanceNorm,
        x,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        correction=correction,
        style_epsilon=style_epsilon,
        style_correction=style_correction,
        statistics_dtype=statistics_dtype,
        one_value=one_value,
    )
    xp, at = namespace(x), _geometry(x, batch_axes, channel_axes)
    of_style = _matching(x, style, at, batch_axes, channel_axes)
    seen = s.moments(xp, style, of_style.axes, statistics_dtype)
    deviation = xp.sqrt(s.estimate(xp, seen, style_correction) + style_epsilon)
    y, _, content = step(
        x,
        {"scale": shaped(xp, deviation, at.parameters.owned), "shift": shaped(xp, seen.mean, at.parameters.owned)},
        at,
        correction=correction,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        statistics_dtype=statistics_dtype,
        one_value=one_value,
    )
    assert content is not None, "there is an output, and so a gradient"
    return y, Styled(content, style, seen.spread, s.reciprocal(xp, deviation))


def adaptive_instance_norm_vjp(
    saved: Styled,
    dy: Array,
    *,
    channel_axes: tuple[int, ...],
    batch_axes: tuple[int, ...] = (0,),
    correction: int = 0,
    style_correction: int = 0,
) -> Arrays:
    """Give the cotangents of x and style.

    Parameters
    ----------
    saved
        From `adaptive_instance_norm`, whose keywords these are too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x` and `style`: each of its array's shape and dtype.
    """
    shape_of_cotangent(dy, getattr(saved, "content", None))
    xp = namespace(dy)
    at, of_style = (_geometry(a, batch_axes, channel_axes) for a in (dy, saved.style))
    found = step_vjp(saved.content, dy, at, correction=correction)
    of_deviation, of_mean = (shaped(xp, found[name], of_style.parameters.broadcast) for name in ("scale", "shift"))
    spread, inverse, of_deviation, of_mean = promoted(xp, saved.spread, saved.inverse, of_deviation, of_mean)
    n = size(saved.style, of_style.axes)
    through_deviation = spread * inverse * of_deviation / max(n - style_correction, 1)
    return {"x": found["x"], "style": cast(xp, of_mean / n + through_deviation, saved.style.dtype)}


def _geometry(x: Array, batch_axes: tuple[int, ...], channel_axes: tuple[int, ...]) -> Geometry:
    return by_condition(by_sample(tuple(x.shape), batch_axes, channel_axes), batch_axes)


def _matching(x: Array, style: Any, at: Geometry, batch_axes: tuple[int, ...], channel_axes: tuple[int, ...]) -> Geometry:
    """Give where the statistics of the style lie.

    Raises
    ------
    InvalidInput
        Where the style is of another rank than x, or has other samples or channels.
    """
    require_array(style, "style", x)
    shape, lie = tuple(style.shape), at.parameters.lie
    if len(shape) != len(at.view) or any(shape[a] != at.view[a] for a in lie):
        raise InvalidInput(f"style must have the rank of x and its lengths along the axes {lie}, got {shape} where x has {tuple(x.shape)}")
    return _geometry(style, batch_axes, channel_axes)
