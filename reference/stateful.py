"""Layers with their parameters and state kept beside their pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

import numpy as np
from array_api_compat import device

from normspec.dtypes import FLOATS, of_slots
from normspec.errors import InvalidInput
from normspec.layers.fields import PARAMETERS
from normspec.records import Array, Arrays, Mode, Pullback, Situation
from normspec.reference.checks import dtype_name, require_mode
from normspec.reference.layers import LAYERS, step
from normspec.reference.made import made_with
from normspec.reference.names import dtype_named, namespace
from normspec.reference.tangents import derivative

OWNED = frozenset(PARAMETERS)
"""Fields that say whether a layer has an array, which its function is given."""
RANDOM = {"u", "v"}
"""Arrays that are born random."""


@dataclass
class ReferenceLayer:
    """A pure function with its parameters and state kept beside it: a `normspec.Layer`.

    What is born random is there, as a layer must be able to run, and is `hidden`, as no other would be born the same.
    """

    spec: Any
    keywords: Mapping[str, Any]
    names: tuple[str, ...]
    values: dict[str, Array]
    hidden: frozenset[str] = frozenset()

    def load(self, values: Arrays) -> None:
        """Take parameters and state by their names; what is not among them stays. A count on which nothing depends is left.

        Raises
        ------
        InvalidInput
            Where the layer has no array of a name.
        """
        if unknown := [name for name in values if name not in (*self.names, "count")]:
            raise InvalidInput(f"values must be of {', '.join(self.names) or 'no array, for the layer has none'}, got {', '.join(unknown)}")
        loaded = {name: a for name, a in values.items() if name in self.names}
        self.values, self.hidden = {**self.values, **loaded}, self.hidden - loaded.keys()

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Take a step."""
        require_mode(mode)  # not every function has modes
        y, state, pullback = step(self.spec.layer, self.values, inputs, mode, self.keywords)
        self.values = {**self.values, **state}
        return (None, None) if mode == "observe" else (y, pullback)

    def read(self) -> Arrays:
        """Give parameters and state."""
        return {name: a for name, a in self.values.items() if name not in self.hidden}

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Give the derivatives of y and of the cotangents of x and scale along a direction of x, what the layer keeps staying as it is."""

        def shown(x: Array) -> Arrays:
            y, _, pullback = step(self.spec.layer, self.values, {**inputs, "x": x}, mode, self.keywords)
            return {"y": y, **{name: a for name, a in pullback(dy).items() if name in ("x", "scale")}}

        return derivative(shown, inputs["x"], direction)

    def __call__(self, x: Array, *, mode: Mode, **inputs: Array) -> tuple[Array, Pullback | None]:
        """Take a step with x and, by their names, further inputs (`mask`): give y and its pullback, from dy to every cotangent by name."""
        return self.forward({"x": x, **inputs}, mode)


def build(spec: Any, *, like: Array, parameter_dtype: str | None = None) -> ReferenceLayer:
    """Give a layer of a spec that keeps parameters and state on the library, device and dtype of an array.

    Parameters
    ----------
    spec
        Any of `normspec.layers`, or what `normspec.read` gives for a native call.
    like
        An x: floating, of NumPy, PyTorch, JAX, TensorFlow, Dask, CuPy or any library of the Array API standard. Its values matter only
        where x is a weight: the layer is then made with it.
    parameter_dtype
        The dtype of parameters and state by name, `"float32"`; without it, that of `like`.

    Returns
    -------
    ReferenceLayer
        Called as `layer(x, mode="train")` for y and its pullback; `layer.read()` gives parameters and state by name, `layer.load(...)`
        takes them.

    Raises
    ------
    InvalidInput
        Where `spec` is no layer's, or `like` is no floating array, or has not the axes that the spec names.
    """
    if getattr(spec, "layer", None) not in LAYERS:
        raise InvalidInput(f"spec must be a layer's, as normspec.read gives of a call, got {spec!r}")
    dtype = name_of(like)
    if parameter_dtype not in (None, *FLOATS):
        raise InvalidInput(f"parameter_dtype must be one of {', '.join(FLOATS)}, or None for like's, got {parameter_dtype!r}")
    xp = namespace(like)
    situation = Situation(shape=tuple(like.shape), dtype=dtype, parameter_dtype=parameter_dtype or dtype)

    def asarray(a: Any) -> Array:
        narrow = a.dtype.name == "bfloat16"  # not every library takes NumPy's
        made = xp.asarray(a.astype(np.float32) if narrow else a, device=device(like))
        return xp.astype(made, dtype_named(xp, like, "bfloat16")) if narrow else made

    return layer_of(spec, situation, asarray, weight=like)


def layer_of(
    spec: Any, situation: Situation, asarray: Callable[[Any], Array], *, weight: Array = None, rounding: Mapping[str, Any] | None = None
) -> ReferenceLayer:
    """Give a layer as it is born; `weight` is the one that it is made with, if any, `rounding` changes semantic parameters."""
    spec = spec.at_rank(len(situation.shape))
    keywords = {f.name: getattr(spec, f.name) for f in fields(spec) if f.name in LAYERS[spec.layer].of_forward - OWNED}
    dtypes, slots = of_slots(spec, situation), spec.slots(situation.shape)
    born = {n: np.full(slot.shape, slot.born, named(dtypes[n])) for n, slot in slots.items() if slot.born is not None}
    values = {name: asarray(a) for name, a in born.items()}
    if weight is not None:
        values |= made_with(spec, weight, lambda a: asarray(a.astype(named(situation.parameter_dtype))))
    return ReferenceLayer(spec, {**keywords, **(rounding or {})}, tuple(slots), values, frozenset(values.keys() & RANDOM))


def named(dtype: str) -> Any:
    """Give the NumPy dtype of this name, bfloat16 included."""
    return import_module("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype


def name_of(x: Array) -> str:
    """Give the name of an array's dtype.

    Raises
    ------
    InvalidInput
        Where it is no floating dtype that layers have.
    """
    found = dtype_name(x, "like")
    if found not in FLOATS:
        raise InvalidInput(f"like must have dtype float64, float32, float16 or bfloat16, got {found}: convert it first")
    return found
