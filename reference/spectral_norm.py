"""Spectral normalization, forward and gradient, as docs/spec/spectral_norm.md defines it."""

from typing import Any, NamedTuple

from normspec.errors import InvalidInput
from normspec.layers.axes import others, resolve
from normspec.layers.spectral_norm import SpectralNorm
from normspec.records import Array, Arrays, Mode
from normspec.reference.checks import check, require_array, shape_of_cotangent
from normspec.reference.divide import Norm, divided
from normspec.reference.names import cast, dtype_named, namespace, shaped
from normspec.reference.parameters import output
from normspec.reference.sums import total


class Saved(NamedTuple):
    """What the gradient needs: y before it is rounded, 1 / sigma, and the vectors as they broadcast over x; without them dx is dy."""

    x: Array
    normal: Array
    inverse: Array | None
    u: Array | None
    v: Array | None


class Pair(NamedTuple):
    """The two vectors as they broadcast over x, one of which may not be there yet."""

    u: Array | None
    v: Array | None


def spectral_norm(
    x: Array,
    state: Arrays,
    *,
    mode: Mode,
    channel_axes: tuple[int, ...],
    epsilon: float,
    iterations: int = 1,
    first: str = "u",
    epsilon_place: str = "floor",
    evaluation: str = "kept",
    replaces: bool = False,
    statistics_dtype: str = "widened",
) -> tuple[Array, dict[str, Array], Saved | None]:
    """Divide a weight by an estimate of its largest singular value.

    Parameters
    ----------
    x
        The weight: floating, of any rank that has the channel axis.
    state
        The vectors `u`, as long as the channel axis, and `v`, as long as all others together: that one that iterations start from (`v`
        where `first` is `u`), and both where `evaluation` is `kept`.
    mode, channel_axes, epsilon, iterations, first, epsilon_place, evaluation, replaces, statistics_dtype
        As the clauses of `normspec.layers.SpectralNorm` define them.

    Returns
    -------
    y
        The weight to use: of x's shape and dtype; None in mode `observe`.
    state
        The state after the step, a new dict; evaluate and freeze give the arrays that they were given.
    saved
        What `spectral_norm_vjp` needs; None in mode `observe`.

    Raises
    ------
    InvalidInput
        Where a vector is missing or has another length.
    """
    check(
        SpectralNorm,
        x,
        mode=mode,
        state=state,
        iterations=iterations,
        first=first,
        epsilon=epsilon,
        epsilon_place=epsilon_place,
        evaluation=evaluation,
        statistics_dtype=statistics_dtype,
    )
    xp = namespace(x)
    (axis,) = resolve(channel_axes, len(x.shape), "channel_axes")
    wide = cast(xp, x, dtype_named(xp, x, statistics_dtype))
    pair, moves = _pair(xp, wide, state or {}, axis, first, evaluation), mode in ("train", "observe")
    if moves or evaluation == "iterated":
        for _ in range(iterations):
            pair = _iterated(xp, wide, pair, axis, first, Norm((), epsilon, epsilon_place), statistics_dtype)
    new = {name: _flat(xp, getattr(pair, name), state[name]) if moves else state[name] for name in ("u", "v") if name in state}
    if mode == "observe":
        return None, new, None
    if not moves and evaluation == "none":
        return x, new, Saved(x, wide, None, None, None)
    inverse = 1 / total(xp, pair.u * _image(xp, wide, pair, axis, "u"), (axis,))
    normal = wide * inverse
    constant = (None, None, None) if replaces else (inverse, pair.u, pair.v)
    return output(xp, normal, x, (), "input"), new, Saved(x, normal, *constant)


def spectral_norm_vjp(saved: Saved, dy: Array) -> Arrays:
    """Give the cotangent of x.

    Parameters
    ----------
    saved
        From `spectral_norm`.
    dy
        The cotangent of y, of its shape.

    Returns
    -------
    dict
        `x`, of its shape and dtype.
    """
    shape_of_cotangent(dy, saved)
    xp = namespace(dy)
    if saved.inverse is None:
        return {"x": cast(xp, dy, saved.x.dtype)}
    dy = cast(xp, dy, saved.normal.dtype)
    through = total(xp, dy * saved.normal, tuple(range(len(dy.shape))))
    return {"x": cast(xp, saved.inverse * (dy - through * saved.u * saved.v), saved.x.dtype)}


def _pair(xp: Any, x: Array, state: Arrays, axis: int, first: str, evaluation: str) -> Pair:
    shapes = {"u": _along(x, (axis,)), "v": _along(x, others((axis,), len(x.shape)))}
    start = "v" if first == "u" else "u"
    needed = [name for name in shapes if name == start or evaluation == "kept"]
    found = {}
    for name in needed:
        length = x.shape[axis] if name == "u" else _size(shapes["v"])
        if name in state:
            require_array(state[name], name, x)
        if name not in state or tuple(state[name].shape) != (length,):
            got = tuple(state[name].shape) if name in state else "nothing"
            raise InvalidInput(f"{name} must have shape ({length},) where x has {tuple(x.shape)} and channel axis {axis}, got {got}")
        found[name] = cast(xp, shaped(xp, state[name], shapes[name]), x.dtype)
    return Pair(found.get("u"), found.get("v"))


def _along(x: Array, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n if a in axes else 1 for a, n in enumerate(x.shape))


def _size(shape: tuple[int, ...]) -> int:
    n = 1
    for length in shape:
        n *= length
    return n


def _image(xp: Any, x: Array, pair: Pair, axis: int, name: str) -> Array:
    """Give W v, which lies as u does, or W^T u, which lies as v does."""
    return total(xp, x * pair.v, others((axis,), len(x.shape))) if name == "u" else total(xp, x * pair.u, (axis,))


def _iterated(xp: Any, x: Array, pair: Pair, axis: int, first: str, norm: Norm, rule: str) -> Pair:
    for name in ("u", "v") if first == "u" else ("v", "u"):
        vector = _image(xp, x, pair, axis, name)
        unit, _, _ = divided(xp, vector, norm._replace(axes=tuple(range(len(x.shape)))), rule)
        pair = pair._replace(**{name: unit})
    return pair


def _flat(xp: Any, vector: Array, like: Array) -> Array:
    return cast(xp, shaped(xp, vector, tuple(like.shape)), like.dtype)
