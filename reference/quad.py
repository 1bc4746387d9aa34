"""A namespace for quadruple-precision arrays (113 bits), as small as `names.py` allows.

They are NumPy arrays of numpy-quaddtype or, where `numpy.longdouble` is IEEE quadruple, of that. Every array here stays
quadruple: `astype` to a narrower dtype rounds the values to it. So the reference, run on quad arrays, takes statistics in a
narrower dtype where the specification says so, and is exact to 113 bits elsewhere.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy import abs, concat, expm1, log1p, permute_dims, reshape, sqrt, tanh, where, zeros_like  # noqa: A004, F401 - the standard's names

from normspec.records import Array

FRACTION_BITS = 112
LONGDOUBLE_IS_QUAD = np.finfo(np.longdouble).nmant == FRACTION_BITS

float16 = SimpleNamespace(rounds_to="float16")
bfloat16 = SimpleNamespace(rounds_to="bfloat16")
float32 = SimpleNamespace(rounds_to="float32")
float64 = SimpleNamespace(rounds_to="float64")


def dtype() -> Any:
    """Give the quadruple-precision dtype of this machine."""
    if LONGDOUBLE_IS_QUAD:
        return np.dtype(np.longdouble)
    from numpy_quaddtype import QuadPrecDType  # noqa: PLC0415 - an optional dependency, needed by the oracle only

    return QuadPrecDType()


def holds(x: Array) -> bool:
    """Tell whether x is a quad array, without importing what makes them."""
    if not isinstance(x, (np.ndarray, np.generic)):
        return False
    return type(x.dtype).__name__ == "QuadPrecDType" or (LONGDOUBLE_IS_QUAD and x.dtype == np.longdouble)


def asarray(x: Array) -> Array:
    """Give x, of any floating dtype, as a quad array with the very same values."""
    x = np.asarray(x)
    if holds(x):
        return x
    return np.asarray(x if x.dtype == np.float64 else x.astype(np.float32 if x.dtype.itemsize < 4 else np.float64)).astype(dtype())  # noqa: PLR2004


def astype(x: Array, to: Any) -> Array:
    """Give x as quad, its values rounded to the dtype `to` stands for."""
    if not holds(x):
        x = asarray(x)
    name = getattr(to, "rounds_to", None)
    if name is None:
        return x
    with np.errstate(over="ignore"):  # beyond the narrow dtype's range is infinite: that is what rounding to it means
        if name == "float64":
            return asarray(x.astype(np.float64))
        narrow = _to_odd(x, np.float64)
        if name == "bfloat16":
            import ml_dtypes  # noqa: PLC0415 - an optional dependency, needed by the oracle only

            return asarray(_to_odd(narrow, np.float32).astype(ml_dtypes.bfloat16))
        return asarray(narrow.astype(name))


def _to_odd(x: Array, wide: Any) -> Array:
    """Round to a wider dtype than the one meant, inexact values to the neighbour whose last bit is 1: so the next rounding is right."""
    near = np.asarray(x.astype(wide))
    off = near.astype(x.dtype)
    even = near.view(f"i{near.itemsize}") % 2 == 0
    towards = np.where(x > off, np.inf, -np.inf).astype(wide)
    return np.where((x != off) & even & np.isfinite(near), np.nextafter(near, towards), near)


def sum(x: Array, axis: int, *, keepdims: bool = False) -> Array:  # noqa: A001 - the standard's name
    """Sum along an axis. A sum of nothing is 0, for which NumPy asks the dtype's identity, and quad dtypes have none."""
    if x.shape[axis] > 0:
        return np.sum(x, axis=axis, keepdims=keepdims)
    return zeros_like(x, shape=tuple(1 if a == axis else n for a, n in enumerate(x.shape) if keepdims or a != axis))


def result_type(*_: Any) -> Any:
    """Give the quad dtype: here every promotion ends there."""
    return dtype()
