"""One step of a layer that takes the mean from x and divides by its deviation, with running statistics or without.

Batch, layer, instance and group normalization are this with another geometry: that is all in which they differ.
"""

from typing import Any, NamedTuple

from normspec.layers.geometry import Geometry
from normspec.layers.running import Running
from normspec.records import Array, Arrays, Mode
from normspec.reference import standardize as s
from normspec.reference.checks import kept
from normspec.reference.names import cast, dtype_named, namespace, promoted, shaped
from normspec.reference.parameters import affine, along, output, require_state
from normspec.reference.running import observations, observe
from normspec.reference.sums import size


class Used(NamedTuple):
    """What normalizes: x minus the mean that is used, x minus its own mean (for the gradient), the variance that is used."""

    deviation: Array
    spread: Array
    variance: Array
    own: bool


def step(
    x: Array,
    owned: Arrays,
    at: Geometry,
    *,
    mode: Mode = "train",
    running: Running | None = None,
    observed: str = "mean",
    train_with: str = "batch",
    correction: int = 0,
    divide: bool = True,
    epsilon: float = 0.0,
    epsilon_place: str = "inside",
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
    one_value: str = "shift",
    mask: Array | None = None,
) -> tuple[Array, dict[str, Array], s.Saved | None]:
    """Give y, the new state, and what the gradient needs.

    `owned` has scale, shift and state as far as they are there, and `at` is the geometry of x.
    """
    xp = namespace(x)
    seen_x, seen_mask = shaped(xp, x, at.view), s.viewed(xp, mask, x, at)
    parts = [along(xp, owned.get(name), name, x, at.parameters) for name in ("scale", "shift")]
    new, weight, seen = _state(owned, running), None, None
    require_state(new, x, at)
    if mode in ("train", "observe") or running is None:
        s.refuse_one_value(x, size(seen_x, at.axes), one_value)
        seen, weight = s.moments(xp, seen_x, at.axes, statistics_dtype, seen_mask), 1.0
        if running is not None:
            for found in observations(xp, seen, at.pooled, observed):
                new, weight_of_new = observe(xp, new, found, running, at.pooled)
                weight = weight_of_new if train_with == "running" else weight
    if mode == "observe":
        return None, new, None
    if seen is not None and train_with == "batch":
        used = Used(seen.spread, seen.spread, s.estimate(xp, seen, correction), own=True)
    else:
        used = _running(xp, seen_x, new, at, statistics_dtype, None if seen is None else seen.spread)
    inverse, slope = s.divisor(xp, used.variance, used.own, epsilon=epsilon, epsilon_place=epsilon_place)
    if not divide:
        inverse, slope = xp.zeros_like(inverse) + 1, xp.zeros_like(slope)
    normal = used.deviation * inverse
    y = affine(xp, normal, *parts)
    scale, shift = owned.get("scale"), owned.get("shift")
    saved = s.Saved(x, scale, shift, normal, used.spread, inverse, slope, weight, seen_mask)
    state = (new.get("running_mean"), new.get("running_variance")) if output_dtype == "promoted_with_state" else ()
    return output(xp, y, x, (scale, shift, *state), output_dtype), new, saved


def step_vjp(
    saved: s.Saved, dy: Array, at: Geometry, *, correction: int = 0, running: Running | None = None, train_with: str = "batch"
) -> Arrays:
    """Give the cotangents of x, scale and shift, each of its array's shape and dtype."""
    of_share = running.correction if running is not None and train_with == "running" else correction
    return s.vjp(namespace(dy), saved, dy, at, of_share)


def _running(xp: Any, x: Array, state: Arrays, at: Geometry, rule: str, spread: Array | None) -> Used:
    wide = cast(xp, x, dtype_named(xp, x, rule))
    own = (shaped(xp, state[name], at.broadcast) for name in ("running_mean", "running_variance"))
    wide, mean, variance = promoted(xp, wide, *own)  # widened, lest epsilon be added in a state's 16 bits
    deviation = wide - mean
    return Used(deviation, deviation if spread is None else spread, variance, own=False)


def _state(state: Arrays, running: Running | None) -> dict[str, Array]:
    if running is None:
        return {}
    needed = ("running_mean", "running_variance", *(("count",) if running.counts else ()))
    return kept(state, needed, " where running is given")
