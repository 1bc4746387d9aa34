"""The records that every room shares; standard library only.

A layer is a point in a space of meanings (its spec); a case puts one spec into one situation and plays a script of steps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Array = Any
"""An array of any library. There is no common static type for them."""

Arrays = Mapping[str, Array]
"""Arrays by our names: x, scale, shift, running_mean, running_variance, count ..."""

Mode = Literal["train", "evaluate", "freeze", "observe"]
"""`freeze` is evaluation inside a training step, with gradients; in `observe` only statistics move and there is no output."""

Layout = Literal["strided", "offset", "permuted", "expanded", "reversed", "readonly"]
"""How an array lies in memory, where not row after row: every second value of a larger array; from the fourth place of one; as channels
last, axis 1 being the innermost; once for all indices of its first axis, along which it is the same; its last axis backwards; or as usual
and not to be written."""

Shards = Literal["none", "equal", "any"]
"""In which shards an x may come: not in any, in such of equal lengths, in such of any, that of none among them."""

Pullback = Callable[[Array], Arrays]
"""From the cotangent of y to the cotangents of every input and parameter, by their names."""


class Layer(Protocol):
    """A layer under judgement, ours or theirs. It owns its parameters and its state."""

    def load(self, values: Arrays) -> None:
        """Take these parameters and this state in place of the ones there. What `read` gives before any `load` is what is born."""

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Give y and its pullback (None where there are no gradients). The pullback stays valid after later steps."""

    def read(self) -> Arrays:
        """Give parameters and state as they stand now."""


class Differentiable(Layer, Protocol):
    """A layer that can be differentiated twice. No layer must be."""

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Give the derivatives of y and of the cotangents of x and scale along a direction of x, as `y`, `x` and `scale`.

        In place of one that it has not, a text says why. What the layer keeps may move or not: nothing of it is judged.
        """


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Where and how a layer runs, never what it means. dtypes are names: "float32", "bfloat16".

    Where x is a weight, `weight` may be the one that the layer is made with, an array of x's shape and dtype; it says nothing of which
    situation this is. `layout` says how arrays lie in memory, by their names (x, dy, and those that the layer owns); others lie row after
    row. Where there are `shards`, x is cut along its first axis into pieces of these lengths, which as many devices, or what stands for
    them, take in one step; what the layer owns is the same on all of them. x is of `shape` when the layer is built; `later` are the other
    shapes in which it is given an x, and there the layer must mean the same.
    """

    shape: tuple[int, ...]
    dtype: str
    parameter_dtype: str
    device: str = "cpu"
    weight: Array = field(default=None, compare=False)
    layout: tuple[tuple[str, Layout], ...] = ()
    shards: tuple[int, ...] = ()
    later: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One call of a layer: its mode, its inputs and, where gradients are asked for, the cotangent of y.

    Where it `resumes` an earlier step, by number, the layer is first loaded with what it showed after that; where -1, with what was loaded
    before any step. `anew`, another layer is built, is loaded so, and takes the step; the former takes it first, and nothing of that is
    judged: the two have nothing in common. With a `direction`, which has x's shape and dtype, derivatives along it are asked for (see
    `Differentiable`) and nothing else.
    """

    mode: Mode
    inputs: Arrays
    cotangent: Array = None
    direction: Array = None
    resumes: int | None = None
    anew: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One difficulty: a meaning, a situation, the values loaded, and a script. `clause` is what it is about.

    With `deferred`, every pullback waits until all steps are taken, and the last one's is called first. With `exact`, sums and means of
    the values are numbers of their dtypes in whatever order they are taken. Cases are compared and remembered by identity: their arrays
    have no equality of their own.
    """

    id: str
    clause: str
    spec: Any
    situation: Situation
    values: Arrays
    steps: tuple[Step, ...]
    deferred: bool = False
    exact: bool = False
    quick: bool = False


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """Something that builds layers: a framework, a kernel library, our reference. No base class is needed.

    `build` gives a layer for a spec in a situation or raises `Unsupported(reason)`; its steps take the `inputs` named. `asarray` turns
    a NumPy array into the library's own, bit by bit, on the situation's device, and copies it where a layer might write in place;
    `asnumpy` is the way back. `layouts` are those that its library's arrays have besides the usual one, of NumPy's or PyTorch's strides.
    `shards` are those in which it takes an x: none, such of equal lengths, or any.
    """

    name: str
    version: str
    build: Callable[[Any, Situation], Layer]
    asarray: Callable[[Array, Situation], Array]
    asnumpy: Callable[[Array], Array]
    inputs: tuple[str, ...] = ("x",)
    layouts: tuple[Layout, ...] = ()
    shards: Shards = "none"
