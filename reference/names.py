"""The functions of the Array API standard that the reference uses, and where they come from.

A library needs these names and no others:

    astype  result_type  float32  reshape  zeros_like  where  sum  sqrt  expm1  log1p

besides the operators + - * / **, comparison, slicing, and the attributes shape, ndim and dtype. The namespace comes from the
array itself, through array-api-compat; quad arrays, which the standard does not know, have one of ours.
"""

from typing import Any

from array_api_compat import array_namespace

from normspec.records import Array
from normspec.reference import quad


def namespace(x: Array) -> Any:
    """Give the namespace of x's library."""
    return quad if quad.holds(x) else array_namespace(x)


def dtype_named(xp: Any, x: Array, rule: str) -> Any:
    """Give the dtype that a rule means for x: `widened`, `input`, or a dtype's name."""
    if rule == "widened":
        return xp.result_type(x.dtype, xp.float32)
    return x.dtype if rule == "input" else getattr(xp, rule)
