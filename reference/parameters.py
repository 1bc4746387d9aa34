"""Scale and shift, and what else lies along some axes of x: how they are put there, applied, and differentiated."""

from collections.abc import Iterable
from typing import Any

from normspec.errors import InvalidInput
from normspec.layers.geometry import Geometry
from normspec.records import Array, Arrays
from normspec.reference.checks import require_array, require_count, require_same
from normspec.reference.names import cast, namespace, promoted, shaped
from normspec.reference.sums import total


def along(xp: Any, values: Array | None, name: str, x: Array, at: Geometry) -> Array | None:
    """Give a parameter or a state with the shape that broadcasts over the view of x, or None where there is none.

    Raises
    ------
    InvalidInput
        Where it is no floating array of x's library, or its shape is not that of x along the axes.
    """
    if values is None:
        return None
    require_array(values, name, x)
    if tuple(values.shape) != at.owned:
        raise InvalidInput(f"{name} must have shape {at.owned}, {at.places}, got {tuple(values.shape)} where x has {tuple(x.shape)}")
    return shaped(xp, values, at.broadcast)


def require_state(state: Arrays, x: Array, at: Geometry) -> None:
    """Refuse statistics that do not lie along the axes, and a count that has axes.

    Raises
    ------
    InvalidInput
        As `along` does.
    """
    for name, a in state.items():
        if name == "count":
            require_count(a)
        else:
            along(namespace(x), a, name, x, at)


def number(xp: Any, value: Array, name: str, x: Array) -> Array:
    """Give a parameter that is one number with the rank of x.

    Raises
    ------
    InvalidInput
        Where it is no floating array of x's library, or has axes.
    """
    require_array(value, name, x)
    if tuple(value.shape) != ():
        raise InvalidInput(f"{name} must have shape (), one number for all of x, got {tuple(value.shape)}")
    return shaped(xp, value, (1,) * len(x.shape))


def of_number(xp: Any, terms: Array, value: Array) -> Array:
    """Give the cotangent of a parameter that is one number: the sum of these terms over every axis."""
    return cast(xp, shaped(xp, total(xp, terms, tuple(range(len(terms.shape)))), ()), value.dtype)


def affine(xp: Any, normal: Array, scale: Array | None, shift: Array | None) -> Array:
    """Multiply by scale and add shift, as far as they are there."""
    if scale is not None:
        normal, scale = promoted(xp, normal, scale)
        normal = normal * scale
    if shift is not None:
        normal, shift = promoted(xp, normal, shift)
        normal = normal + shift
    return normal


def times(xp: Any, dy: Array, scale: Array | None, at: Geometry) -> Array:
    """Give the cotangent of what scale multiplies."""
    if scale is None:
        return dy
    require_same(scale, at.parameters.owned)
    dy, scale = promoted(xp, dy, shaped(xp, scale, at.parameters.broadcast))
    return dy * scale


def cotangents(xp: Any, dy: Array, multiplied: Array, scale: Array | None, shift: Array | None, at: Geometry) -> Arrays:
    """Give the cotangents of scale and shift, as far as they are there: sums over the axes along which they are broadcast."""
    over = tuple(a for a in range(len(dy.shape)) if a not in at.parameters.lie)
    out = {}
    if scale is not None:
        out["scale"] = cast(xp, shaped(xp, total(xp, dy * multiplied, over), scale.shape), scale.dtype)
    if shift is not None:
        require_same(shift, at.parameters.owned)
        out["shift"] = cast(xp, shaped(xp, total(xp, dy, over), shift.shape), shift.dtype)
    return out


def output(xp: Any, y: Array, like: Array, owned: Iterable[Array | None], output_dtype: str) -> Array:
    """Round y once, to its dtype, and give it x's shape; `owned` are the arrays that have a say in it where it is not that of x."""
    present = [a.dtype for a in owned if a is not None]
    dtype = like.dtype if output_dtype == "input" else xp.result_type(like.dtype, *present)
    return cast(xp, shaped(xp, y, like.shape), dtype)
