"""The functions of the Array API standard that the reference uses, and where they come from.

A library needs these names and no others:

    astype  result_type  float32  reshape  permute_dims  concat  zeros_like  where  sum  abs  sqrt  expm1  log1p  tanh

besides the operators + - * / **, comparison, slicing, and the attributes shape and dtype. The namespace comes from the array
itself, through array-api-compat; quad arrays, which the standard does not know, and TensorFlow's, which does not know the standard,
have one of ours each.
"""

from typing import Any

from array_api_compat import array_namespace

from normspec.records import Array
from normspec.reference import quad


def namespace(x: Array) -> Any:
    """Give the namespace of x's library."""
    if quad.holds(x):
        return quad
    library = type(x).__module__.partition(".")[0]  # its arrays are here, so it is imported
    if library == "tensorflow":
        from normspec.reference import tensorflow_names  # noqa: PLC0415 - it imports TensorFlow

        return tensorflow_names
    if library == "torch":
        from array_api_compat import torch  # noqa: PLC0415 - what array_namespace gives, without a cache that torch.compile warns of

        return torch
    return array_namespace(x)


def dtype_named(xp: Any, x: Array, rule: str) -> Any:
    """Give the dtype that a rule means for x: `widened`, `input`, or a dtype's name."""
    if rule == "widened":
        return xp.result_type(x.dtype, xp.float32)
    return x.dtype if rule == "input" else getattr(xp, rule)


def cast(xp: Any, x: Array, dtype: Any) -> Array:
    """Give x in a dtype: x itself, and no copy, where it has it."""
    return x if x.dtype == dtype else xp.astype(x, dtype)


def factor(xp: Any, a: Array | float, like: Array) -> Array | float:
    """Give what multiplies an array in its dtype; a Python number, which has none, as it is."""
    return a if isinstance(a, int | float) else cast(xp, a, like.dtype)


def shaped(xp: Any, x: Array, shape: tuple[int, ...]) -> Array:
    """Give x in a shape: x itself where it has it."""
    return x if tuple(x.shape) == tuple(shape) else xp.reshape(x, shape)


def promoted(xp: Any, *arrays: Array) -> tuple[Array, ...]:
    """Give arrays in the dtype that holds them all, for not every library mixes them."""
    dtype = xp.result_type(*(a.dtype for a in arrays))
    return tuple(cast(xp, a, dtype) for a in arrays)
