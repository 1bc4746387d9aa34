"""PyTorch's local response normalization: the module, the function, and CrossMapLRN2d, which is not documented but by its code."""

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.torch.common import DOCS, FUNCTIONAL, ONE_MODE, attributes
from normspec.layers import LocalResponseNorm
from normspec.records import Situation

DIGITS = 17
"""Decimal digits that tell every two float64 numbers apart."""


def coefficient(alpha: float, size: int) -> float:
    """Give alpha / size as it is done with the decimals that are written: 2e-05 for 1e-4 and 5."""
    return float(Decimal(repr(float(alpha))) / size)


def alpha(of: float, size: int) -> float:
    """Give the alpha that makes this coefficient, in the fewest decimal digits; the nearest one where none makes it."""
    product = Decimal(of) * size
    nearest = float(product)
    written = (float(f"{product:.{digits}e}") for digits in range(DIGITS))
    beside = (math.nextafter(nearest, way) for way in (0.0, math.inf))  # what makes it is no further away than these
    return next((a for a in (*written, *beside) if coefficient(a, size) == of), nearest)


def read(a: Mapping[str, Any], _: Situation) -> LocalResponseNorm:
    """Give what either means: alpha is divided by the window's length, an even window reaches one place further before than after."""
    return LocalResponseNorm(
        channel_axes=(1,),
        before=a["size"] // 2,
        after=(a["size"] - 1) // 2,
        coefficient=coefficient(a["alpha"], a["size"]),
        exponent=a["beta"],
        bias=a["k"],
        edges="zeros",
        statistics_dtype="input",
    )


def write(s: LocalResponseNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of either."""
    size = s.before + s.after + 1
    return {"size": size, "alpha": alpha(s.coefficient, size), "beta": s.exponent, "k": s.bias}


def read_cross_map(a: Mapping[str, Any], situation: Situation) -> LocalResponseNorm:
    """Give what CrossMapLRN2d means: the window has one place in its middle, so that an even size is one more than its length."""
    reach = (a["size"] - 1) // 2
    return replace(read(a, situation), before=reach, after=reach)


def write_cross_map(s: LocalResponseNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of CrossMapLRN2d."""
    size = 2 * s.before + 1
    return {"size": size, "alpha": alpha(s.coefficient, size), "beta": s.exponent, "k": s.bias}


MODULE = Entry(
    native="torch.nn.LocalResponseNorm",
    layer="local_response_norm",
    variant="",
    versions=">=2.13",
    source=f"{DOCS}LocalResponseNorm.html",
    ranks=range(3, 65),
    positional=("size", "alpha", "beta", "k"),
    defaults={"alpha": 1e-4, "beta": 0.75, "k": 1.0},
    names={},
    modes=ONE_MODE,
    attributes=attributes("size", "alpha", "beta", "k"),
    read=read,
    write=write,
)

FUNCTION = replace(
    MODULE,
    native="torch.nn.functional.local_response_norm",
    variant="functional",
    source=f"{FUNCTIONAL}local_response_norm.html",
    positional=("input", *MODULE.positional),
    free=("input",),
    attributes=None,
)

CROSS_MAP = replace(
    MODULE,
    native="torch.nn.CrossMapLRN2d",
    variant="others",
    source="https://github.com/pytorch/pytorch/blob/v2.13.0/torch/nn/modules/_functions.py",
    ranks=range(4, 5),
    read=read_cross_map,
    write=write_cross_map,
)

ENTRIES = (MODULE, FUNCTION, CROSS_MAP)
