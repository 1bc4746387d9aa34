"""Derivatives of a step along a direction of x: of y, and of the cotangents, which are functions of x as y is."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from normspec.errors import Unsupported
from normspec.records import Array, Arrays
from normspec.reference import quad

Function = Callable[[Array], Arrays]
"""From x to y and the cotangents of x and scale, by name."""

STEP = 2.0**-36
"""By how much quad arrays differ: their rounding over it is far below float64's, and so is its fourth power, even where a direction is
2^20 times as long as the divisor."""


def derivative(of: Function, x: Array, direction: Array) -> Arrays:
    """Give the derivatives of what a function of x gives, by the library's own differentiation, and of quad arrays by central differences.

    Raises
    ------
    Unsupported
        Where x is of a library that has none, forward.
    """
    library = "quad" if quad.holds(x) else type(x).__module__.partition(".")[0]
    if library not in LIBRARIES:
        raise Unsupported(f"arrays of {library} are not differentiated forward, and the reference's own gradient by no formula")
    found: Arrays = LIBRARIES[library](of, x, direction)
    return found


def _central(of: Function, x: Array, direction: Array) -> Arrays:
    """Give differences over one step and over two, of which those that go as the third derivative cancel."""
    near, far = ((of(x + h * direction), of(x - h * direction)) for h in (STEP, 2 * STEP))
    return {name: (8 * (near[0][name] - near[1][name]) - (far[0][name] - far[1][name])) / (12 * STEP) for name in near[0]}


def _torch(of: Function, x: Array, direction: Array) -> Any:
    return import_module("torch").func.jvp(of, (x,), (direction,))[1]


def _jax(of: Function, x: Array, direction: Array) -> Any:
    return import_module("jax").jvp(of, (x,), (direction,))[1]


LIBRARIES: Mapping[str, Callable[[Function, Array, Array], Any]] = {"quad": _central, "torch": _torch, "jax": _jax, "jaxlib": _jax}
"""What differentiates forward, by the package that the type of its arrays is of."""
