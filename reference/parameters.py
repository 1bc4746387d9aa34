"""Scale and shift, and what else lies along some axes of x: how they are put there, applied, and differentiated."""

from collections.abc import Iterable
from typing import Any

from normspec.errors import InvalidInput
from normspec.layers.geometry import Geometry
from normspec.records import Array, Arrays
from normspec.reference.names import cast, promoted, shaped
from normspec.reference.sums import total


def along(xp: Any, values: Array | None, name: str, x: Array, at: Geometry) -> Array | None:
    """Give a parameter or a state with the shape that broadcasts over the view of x, or None where there is none.

    Raises
    ------
    InvalidInput
        Where its shape is not that of x along the axes.
    """
    if values is None:
        return None
    if tuple(values.shape) != at.owned:
        raise InvalidInput(f"{name} must have shape {at.owned}, {at.places}, got {tuple(values.shape)} where x has {tuple(x.shape)}")
    return shaped(xp, values, at.broadcast)


def number(xp: Any, value: Array, name: str, x: Array) -> Array:
    """Give a parameter that is one number with the rank of x.

    Raises
    ------
    InvalidInput
        Where it has axes.
    """
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
    dy, scale = promoted(xp, dy, shaped(xp, scale, at.parameters.broadcast))
    return dy * scale


def cotangents(xp: Any, dy: Array, multiplied: Array, scale: Array | None, shift: Array | None, at: Geometry) -> Arrays:
    """Give the cotangents of scale and shift, as far as they are there: sums over the axes along which they are broadcast."""
    over = tuple(a for a in range(len(dy.shape)) if a not in at.parameters.lie)
    out = {}
    if scale is not None:
        out["scale"] = cast(xp, shaped(xp, total(xp, dy * multiplied, over), scale.shape), scale.dtype)
    if shift is not None:
        out["shift"] = cast(xp, shaped(xp, total(xp, dy, over), shift.shape), shift.dtype)
    return out


def output(xp: Any, y: Array, like: Array, owned: Iterable[Array | None], output_dtype: str) -> Array:
    """Round y once, to its dtype, and give it x's shape; `owned` are the arrays that have a say in it where it is not that of x."""
    present = [a.dtype for a in owned if a is not None]
    dtype = like.dtype if output_dtype == "input" else xp.result_type(like.dtype, *present)
    return cast(xp, shaped(xp, y, like.shape), dtype)
