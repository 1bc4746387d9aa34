"""Lp normalization of ONNX."""

from typing import Any

from normspec.dialects.onnx import common as c
from normspec.errors import Unsupported
from normspec.layers import LpNorm
from normspec.records import Situation

ORDERS = (1, 2)
"""The norms that there are."""


def read(a: c.Arguments, _: Situation) -> LpNorm:
    """Give what LpNormalization means: no epsilon, and where the norm is zero, so is the output."""
    if a["p"] not in ORDERS:
        raise Unsupported(f"p must be one of {', '.join(map(str, ORDERS))}, got {a['p']}")
    return LpNorm(axes=(a["axis"],), order=float(a["p"]), epsilon=0.0, epsilon_place="inside", at_zero="zero", statistics_dtype="input")


def write(s: LpNorm, _: Situation) -> c.Arguments:
    """Give the nearest attributes of LpNormalization."""
    return {"axis": s.axes[0], "p": int(s.order)}


DEFAULTS: dict[str, Any] = {"axis": -1, "p": 2}

ENTRY = c.entry("lp_norm", "LpNormalization", 22, ("input",), DEFAULTS, range(1, 65), read, write, since=1)
