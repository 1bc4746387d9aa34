"""Derivatives of a step along a direction of x: of y, and of the cotangents, which are functions of x as y is."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from normspec.errors import Unsupported
from normspec.records import Array, Arrays

Function = Callable[[Array], Arrays]
"""From x to y and the cotangents of x and scale, by name."""

STEP = 2.0**-40
"""By how much quad arrays differ: its square and their rounding over it are both far below float64's."""


def derivative(library: str, of: Function, x: Array, direction: Array) -> Arrays:
    """Give the derivatives of what a function of x gives, by the library's own differentiation, and of quad arrays by central differences.

    Raises
    ------
    Unsupported
        Where the library differentiates nothing.
    """
    if library not in LIBRARIES:
        raise Unsupported(f"{library} differentiates nothing, and the reference's own gradient is differentiated by no formula")
    found: Arrays = LIBRARIES[library](of, x, direction)
    return found


def _central(of: Function, x: Array, direction: Array) -> Arrays:
    after, before = of(x + STEP * direction), of(x - STEP * direction)
    return {name: (after[name] - before[name]) / (2 * STEP) for name in after}


def _torch(of: Function, x: Array, direction: Array) -> Any:
    return import_module("torch").func.jvp(of, (x,), (direction,))[1]


def _jax(of: Function, x: Array, direction: Array) -> Any:
    return import_module("jax").jvp(of, (x,), (direction,))[1]


LIBRARIES: Mapping[str, Callable[[Function, Array, Array], Any]] = {"quad": _central, "torch": _torch, "jax": _jax}
"""What differentiates forward."""
