"""Moving average batch norm: no mean is taken, and the mean square is that of several steps. docs/inference-corrections.md has it.

What is called its backward is no gradient of its forward: it averages over steps what a gradient would take from one.
"""

from typing import Any, NamedTuple

from normspec.errors import InvalidInput
from normspec.layers import BatchNorm
from normspec.layers.geometry import Geometry, keeping
from normspec.records import Array, Arrays, Mode
from normspec.reference import standardize as s
from normspec.reference.batch_renorm import limited
from normspec.reference.checks import check, kept, shape_of_cotangent
from normspec.reference.names import cast, dtype_named, namespace, promoted, shaped
from normspec.reference.parameters import affine, along, cotangents, output, times
from normspec.reference.sums import size, total

__all__ = ["Saved", "moving_average_batch_norm", "moving_average_batch_norm_vjp"]

STATE = ("running_square", "squares", "products", "count")


class Saved(NamedTuple):
    """What the backward needs: x over its divisor, r, and 1 where the window decides, 0 where the step alone does, None where neither."""

    x: Array
    scale: Array | None
    shift: Array | None
    normal: Array
    inverse: Array
    r: Array
    settled: Array | None
    products: Array


def moving_average_batch_norm(
    x: Array,
    scale: Array | None,
    shift: Array | None,
    state: Arrays,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    epsilon: float,
    rate: float = 0.02,
    warmup: int = 100,
    renorm_after: int = 1000,
    r_min: float = 0.2,
    r_max: float = 5.0,
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> tuple[Array, dict[str, Array], Saved]:
    """Divide x by the root of a mean square of the last steps, times r.

    Source: Yan et al. 2020, arXiv:2001.06838; formulas, schedule and defaults as in the authors' code. The weights of the layer before are
    to be centred for each of its outputs, which `mean_variance_norm` of them does with `divide=False`.

    Parameters
    ----------
    x
        Floating, of any rank that has the channel axes, with at least one value per statistic.
    scale, shift
        Of the shape of x along the channel axes, in ascending order; or None.
    state
        `running_square` of that shape, born 1; `squares` and `products` of the shape (window, *that), the mean squares of the last
        steps, oldest first, and what the backward keeps, born 0; and the integer `count` of steps.
    mode
        `train`, or `evaluate` or `freeze`, which divide by the root of `running_square` plus epsilon and keep the state.
    channel_axes, epsilon, statistics_dtype, output_dtype
        As the clauses of `normspec.BatchNorm` define them, with the mean square in the variance's place.
    rate
        The weight of a step in `running_square`.
    warmup
        The window decides from step `warmup` on, but not before the step after the one that fills it.
    renorm_after
        r is 1 up to this step, or to `warmup` where that is more; then the divisor over that of `running_square` as it was before the
        step, kept within r_min and r_max.
    r_min, r_max
        The limits of r.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.
    state
        The state after the step, a new dict: all but `products`, which the backward moves.
    saved
        What `moving_average_batch_norm_vjp` needs.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, a part of the state is missing, or the mode is none of the three.
    """
    check(BatchNorm, x, mode=mode, state=state, epsilon=epsilon, statistics_dtype=statistics_dtype, output_dtype=output_dtype)
    xp, at = namespace(x), keeping(tuple(x.shape), channel_axes)
    _check_state(state, at, mode)
    wide, running = promoted(
        xp, cast(xp, x, dtype_named(xp, x, statistics_dtype)), along(xp, state["running_square"], "running_square", x, at)
    )
    if mode != "train":
        inverse, _ = s.divisor(xp, running, False, epsilon=epsilon, epsilon_place="inside")
        saved = Saved(x, scale, shift, wide * inverse, inverse, xp.zeros_like(inverse) + 1, None, state["products"])
        return _given(xp, saved, at, output_dtype), {name: state[name] for name in STATE}, saved
    own, count, window = total(xp, wide * wide, at.axes) / size(wide, at.axes), state["count"] + 1, state["squares"].shape[0]
    squares, mean = _pushed(xp, state["squares"], own, at)
    k = cast(xp, count, wide.dtype)
    settled = xp.where(k > window, xp.where(k >= warmup, xp.zeros_like(k) + 1, xp.zeros_like(k)), xp.zeros_like(k))
    square = xp.where(settled == 1, mean, own)
    inverse, _ = s.divisor(xp, square, True, epsilon=epsilon, epsilon_place="inside")
    r = limited(xp, xp.sqrt(square + epsilon) / xp.sqrt(running + epsilon), r_min, r_max)
    r = xp.where(k > max(renorm_after, warmup), r, xp.zeros_like(r) + 1)
    moved = shaped(xp, running + rate * (square - running), at.owned)
    new = {
        "running_square": cast(xp, moved, state["running_square"].dtype),
        "squares": squares,
        "products": state["products"],
        "count": count,
    }
    saved = Saved(x, scale, shift, wide * inverse, inverse, r, settled, state["products"])
    return _given(xp, saved, at, output_dtype), new, saved


def moving_average_batch_norm_vjp(saved: Saved, dy: Array, *, channel_axes: tuple[int, ...]) -> tuple[Arrays, Array]:
    """Give what is passed back in place of the cotangents of x, scale and shift, and the products after it.

    With h the cotangent of x over its divisor, r in it, and z that quotient, x gets (h - z p) over the divisor, p being the mean of <h z>
    over the steps of the window. With p of this step alone it would be the gradient of a step that divides by its own mean square; so
    with a window it is the gradient of nothing, and no autodiff of the forward gives it. Of scale and shift it is the gradient.

    Parameters
    ----------
    saved
        From `moving_average_batch_norm`, whose keyword this is too.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, and `scale` and `shift` as far as they were given: each of its array's shape and dtype.
    products
        To be put in the state.
    """
    at, xp = keeping(shape_of_cotangent(dy, saved), channel_axes), namespace(dy)
    dy = cast(xp, dy, saved.normal.dtype)
    h, normal, inverse, r = promoted(xp, times(xp, dy, saved.scale, at), saved.normal, saved.inverse, saved.r)
    h, products = h * r, saved.products
    found = cotangents(xp, dy, saved.normal * saved.r, saved.scale, saved.shift, at)
    if saved.settled is None:
        return {"x": cast(xp, h * inverse, saved.x.dtype), **found}, products
    own = total(xp, h * normal, at.axes) / size(h, at.axes)
    products, mean = _pushed(xp, products, own, at)
    h, normal, inverse, through = promoted(xp, h, normal, inverse, xp.where(saved.settled == 1, mean, own))
    return {"x": cast(xp, inverse * (h - normal * through), saved.x.dtype), **found}, products


def _pushed(xp: Any, window: Array, own: Array, at: Geometry) -> tuple[Array, Array]:
    """Give the window with one more step in place of its oldest, and its mean, which broadcasts over x."""
    new = xp.concat([window[1:, ...], cast(xp, shaped(xp, own, (1, *at.owned)), window.dtype)], axis=0)
    mean = total(xp, cast(xp, new, own.dtype), (0,)) / new.shape[0]
    return new, shaped(xp, mean, at.broadcast)


def _given(xp: Any, saved: Saved, at: Geometry, output_dtype: str) -> Array:
    x, scale, shift = saved.x, saved.scale, saved.shift
    y = affine(xp, saved.normal * saved.r, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at))
    return output(xp, y, x, (scale, shift), output_dtype)


def _check_state(state: Arrays, at: Geometry, mode: Mode) -> None:
    if mode == "observe":
        raise InvalidInput("mode must be 'train', 'evaluate' or 'freeze', got 'observe': half of what is averaged comes with a cotangent")
    state = kept(state, STATE)
    shapes = {name: tuple(state[name].shape) for name in ("squares", "products")}
    if len(set(shapes.values())) > 1 or any(
        len(shape) != len(at.owned) + 1 or shape[1:] != at.owned or not shape[0] for shape in shapes.values()
    ):
        told = " and ".join(f"{name} of {shape}" for name, shape in shapes.items())
        raise InvalidInput(f"squares and products must have one shape, a window of 1 or more steps before {at.owned}, got {told}")
