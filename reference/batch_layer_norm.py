"""Batch layer normalization, forward and gradient, as docs/spec/batch_layer_norm.md defines it."""

from typing import Any, NamedTuple

from normspec.errors import InvalidInput
from normspec.layers.batch_layer_norm import OF_EPOCH, STATE, BatchLayerNorm, sides
from normspec.records import Array, Arrays, Mode
from normspec.reference import standardize as s
from normspec.reference.checks import check, kept, require_array, require_count, shape_of_cotangent
from normspec.reference.names import cast, dtype_named, namespace, promoted, shaped
from normspec.reference.parameters import affine, along, cotangents, output, times
from normspec.reference.running import averaged
from normspec.reference.sums import size, total


class Side(NamedTuple):
    """One of the two normalizations: over which axes, its parts, its weight, and 1 for each statistic that is of this x, else None."""

    normal: Array
    spread: Array | None
    inverse: Array
    weight: Array
    of_mean: float | None
    of_variance: float | None


class Saved(NamedTuple):
    """What the gradient needs; `scaled` is what scale multiplies."""

    x: Array
    scale: Array | None
    shift: Array | None
    scaled: Array
    batch: Side
    feature: Side


def batch_layer_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    state: Arrays | None = None,
    *,
    mode: Mode,
    epsilon: float,
    delta: float,
    batch_delta: str = "minus",
    population_batch_mean: bool = True,
    population_batch_variance: bool = True,
    population_feature_mean: bool = False,
    population_feature_variance: bool = False,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, dict[str, Array], Saved | None]:
    """Add x normalized over the first axis and x normalized over the last, each with its weight.

    Parameters
    ----------
    x
        Floating, of any rank from 2, samples along the first axis and features along the last.
    scale, shift
        Of the length of the last axis; or None.
    state
        `batch_mean` and `batch_variance` of the shape of one sample, `feature_mean` and `feature_variance` of that of x without its last
        axis, and the integer `count`; with count 0, the next step begins an epoch, whatever else is there.
    mode, epsilon, delta, batch_delta, statistics_dtype, output_dtype
        As the clauses of `normspec.layers.BatchLayerNorm` define them.
    population_batch_mean, population_batch_variance, population_feature_mean, population_feature_variance
        Likewise.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`; None in mode `observe`.
    state
        The state after the step, a new dict; evaluate and freeze give the arrays that they were given.
    saved
        What `batch_layer_norm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, or a state is missing.
    """
    told = {"epsilon": epsilon, "delta": delta, "batch_delta": batch_delta}
    check(BatchLayerNorm, x, mode=mode, state=state, statistics_dtype=statistics_dtype, output_dtype=output_dtype, **told)
    xp, (of_batch, of_feature), moves = namespace(x), sides(tuple(x.shape)), mode in ("train", "observe")
    state = kept(state, (*STATE, "count"))
    _require_state(xp, state, tuple(x.shape))
    population = (population_batch_mean, population_batch_variance), (population_feature_mean, population_feature_variance)
    seen = [
        s.moments(xp, x, at.axes, statistics_dtype) if moves or not all(those) else None
        for at, those in zip((of_batch, of_feature), population, strict=True)
    ]
    if moves:
        state = averaged(xp, state, _observed(seen, x.shape[0]), OF_EPOCH)[0]
    if mode == "observe":
        return None, dict(state), None
    wide = cast(xp, x, dtype_named(xp, x, statistics_dtype))
    own = [(False, False)] * 2 if moves else population
    batch, feature = (
        _side(xp, wide, one, state, name, those, epsilon) for one, name, those in zip(seen, ("batch", "feature"), own, strict=True)
    )
    batch, feature = _weighed(xp, batch, feature, x.shape, delta if batch_delta == "plus" else -delta, delta)
    of_b, of_f = promoted(xp, batch.weight * batch.normal, feature.weight * feature.normal)
    scaled = of_b + of_f
    y = affine(xp, scaled, along(xp, scale, "scale", x, of_batch), along(xp, shift, "shift", x, of_batch))
    return output(xp, y, x, (scale, shift), output_dtype), dict(state), Saved(x, scale, shift, scaled, batch, feature)


def batch_layer_norm_vjp(saved: Saved, dy: Array) -> Arrays:
    """Give the cotangents of x, scale and shift.

    Parameters
    ----------
    saved
        From `batch_layer_norm`.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    """
    (of_batch, of_feature), xp = sides(shape_of_cotangent(dy, saved)), namespace(dy)
    dy = cast(xp, dy, saved.scaled.dtype)
    h, _ = promoted(xp, times(xp, dy, saved.scale, of_batch), saved.scaled)
    of_b, of_f = promoted(xp, _of_x(xp, saved.batch, h, of_batch.axes), _of_x(xp, saved.feature, h, of_feature.axes))
    return {"x": cast(xp, of_b + of_f, saved.x.dtype), **cotangents(xp, dy, saved.scaled, saved.scale, saved.shift, of_batch)}


def _side(xp: Any, x: Array, seen: s.Moments | None, state: Arrays, name: str, kept: tuple[bool, bool], epsilon: float) -> Side:
    """Normalize x with statistics of its own or kept ones, as yet without a weight."""
    own = None if seen is None else (seen.mean, seen.variance)
    mean, variance = (
        own[i] if own is not None and not kept[i] else _fitting(xp, state[f"{name}_{of}"], f"{name}_{of}", tuple(x.shape))
        for i, of in enumerate(("mean", "variance"))
    )
    x, mean, variance = promoted(xp, x, mean, variance)
    inverse = 1 / xp.sqrt(variance + epsilon)
    apart = x - mean if seen is None or kept[0] else seen.spread
    return Side(apart * inverse, None if seen is None else seen.spread, inverse, inverse, *(None if k else 1.0 for k in kept))


def _weighed(xp: Any, batch: Side, feature: Side, shape: tuple[int, ...], of_batch: float, of_feature: float) -> tuple[Side, Side]:
    """Give each side its weight over the root of the number of features: taken from arrays, for Python's numbers have 53 bits."""
    one_of_b, one_of_f = (xp.zeros_like(side.inverse) + 1 for side in (batch, feature))
    samples, features = max(shape[0], 1), shape[-1]
    of_b = (one_of_b - one_of_b / samples + of_batch) / xp.sqrt(one_of_b * features)
    of_f = (one_of_f / samples - of_feature) / xp.sqrt(one_of_f * features)
    return batch._replace(weight=of_b), feature._replace(weight=of_f)


def _of_x(xp: Any, side: Side, h: Array, axes: tuple[int, ...]) -> Array:
    """Give what x gets through one side, of the cotangent of the sum of both."""
    h, normal, inverse, weight = promoted(xp, h, side.normal, side.inverse, side.weight)
    n, dx = max(size(h, axes), 1), h
    if side.of_mean is not None:
        dx = dx - total(xp, h, axes) / n
    if side.of_variance is not None and side.spread is not None:
        dx = dx - cast(xp, side.spread, h.dtype) * inverse * (total(xp, h * normal, axes) / n)
    return weight * inverse * dx


def _observed(seen: list[s.Moments | None], m: int) -> dict[str, Array]:
    """Give what is observed: means, and variances times m over m - 1, whatever they are over."""
    found: dict[str, Array] = {}
    for name, one in zip(("batch", "feature"), seen, strict=True):
        if one is not None:
            found |= {f"{name}_mean": one.mean, f"{name}_variance": one.variance * m / max(m - 1, 1)}
    return found


def _require_state(xp: Any, state: Arrays, shape: tuple[int, ...]) -> None:
    for name in STATE:
        _fitting(xp, state[name], name, shape)
    require_count(state["count"])


def _fitting(xp: Any, a: Array, name: str, shape: tuple[int, ...]) -> Array:
    """Give a state with the shape that broadcasts over an x of this shape."""
    axis = 0 if name.startswith("batch") else len(shape) - 1
    must = (*shape[:axis], *shape[axis + 1 :])
    require_array(a, name)
    if tuple(a.shape) != must:
        raise InvalidInput(f"{name} must have shape {must}, that of x without axis {axis}, got {tuple(a.shape)}")
    return shaped(xp, a, (*shape[:axis], 1, *shape[axis + 1 :]))
