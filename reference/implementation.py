"""The reference as an implementation like any other: `normspec.load("reference:jax")`. Its quad variant is the oracle."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from normspec.dtypes import FLOATS, of_slots, promote, statistics
from normspec.errors import NotFound, Unsupported
from normspec.load import load
from normspec.records import Array, Arrays, Implementation, Mode, Pullback, Situation
from normspec.reference import quad
from normspec.reference.layers import LAYERS, step
from normspec.reference.made import made_with


@dataclass
class ReferenceLayer:
    """A pure function with its parameters and state kept beside it.

    What is born random is there, as a layer must be able to run, and is `hidden`, as no other would be born the same.
    """

    spec: Any
    keywords: dict[str, Any]
    names: tuple[str, ...]
    values: dict[str, Array]
    hidden: frozenset[str] = frozenset()

    def load(self, values: Arrays) -> None:
        """Take parameters and state, as far as the layer has them."""
        loaded = {name: values[name] for name in self.names if name in values}
        self.values, self.hidden = {**self.values, **loaded}, self.hidden - loaded.keys()

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Take a step."""
        y, state, pullback = step(self.spec.layer, self.values, inputs, mode, self.keywords)
        self.values = {**self.values, **state}
        return (None, None) if mode == "observe" else (y, pullback)

    def read(self) -> Arrays:
        """Give parameters and state."""
        return {name: a for name, a in self.values.items() if name not in self.hidden}


def implementation(variant: str = "") -> Implementation:
    """Give the reference on `numpy` (the default), `torch`, `jax`, `tensorflow`, `dask`, `array_api_strict` or `quad` arrays."""
    variant = variant or "numpy"
    if variant not in ARRAYS:
        raise NotFound(f"variant of reference must be one of {', '.join(ARRAYS)}, got {variant!r}")
    asarray, asnumpy = ARRAYS[variant]()

    def build(spec: Any, situation: Situation) -> ReferenceLayer:
        spec = spec.at_rank(len(situation.shape))
        keywords = {f.name: getattr(spec, f.name) for f in fields(spec) if f.name in LAYERS[spec.layer].of_forward - OWNED}
        if variant == "quad":
            keywords |= _rounding(spec, situation)
        dtypes, slots = of_slots(spec, situation), spec.slots(situation.shape)
        born = {n: np.full(slot.shape, slot.born, named(dtypes[n])) for n, slot in slots.items() if slot.born is not None}
        values = {name: asarray(a, situation) for name, a in born.items()}
        if situation.weight is not None:
            values |= made_with(
                spec, asarray(situation.weight, situation), lambda a: asarray(a.astype(named(situation.parameter_dtype)), situation)
            )
        return ReferenceLayer(spec, keywords, tuple(slots), values, frozenset(values.keys() & {"u", "v"}))

    return Implementation(
        name=f"reference:{variant}",
        version=version("normspec"),
        build=build,
        asarray=asarray,
        asnumpy=asnumpy,
        inputs=("x", "mask"),
    )


def _rounding(spec: Any, situation: Situation) -> dict[str, Any]:
    """Give where quad arrays, which stand for the situation's, round to a narrower dtype."""
    taken_in = statistics(spec, situation.dtype)
    wide = FLOATS[taken_in].bits >= FLOATS[promote(situation.dtype, "float32")].bits
    before_scale = {"rounding": situation.dtype} if getattr(spec, "rounding", "last") == "before_scale" else {}
    return {"statistics_dtype": "widened" if wide else taken_in, **before_scale}


def named(dtype: str) -> Any:
    """Give the NumPy dtype of this name, bfloat16 included."""
    return import_module("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype


def _numpy() -> tuple[Any, Any]:
    return (lambda a, _: np.asarray(a)), np.asarray


def _quad() -> tuple[Any, Any]:
    return (lambda a, _: a if np.asarray(a).dtype.kind in "iub" else quad.asarray(a)), np.asarray


def _strict() -> tuple[Any, Any]:
    xp = import_module("array_api_strict")
    xp.set_array_api_strict_flags(api_version="2022.12", boolean_indexing=False, data_dependent_shapes=False, enabled_extensions=())

    def asarray(a: Array, _: Situation) -> Array:
        if not hasattr(xp, np.asarray(a).dtype.name):
            raise Unsupported(f"array_api_strict has no {np.asarray(a).dtype.name}, as the standard has none")
        return xp.asarray(a)

    return asarray, np.asarray


def _jax() -> tuple[Any, Any]:
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)  # without it float64 silently becomes float32; narrower results are bit-identical
    return (lambda a, _: jax.numpy.asarray(a)), np.asarray


def _torch() -> tuple[Any, Any]:
    torch = load("torch")
    return torch.asarray, torch.asnumpy


def _tensorflow() -> tuple[Any, Any]:
    tensorflow = load("tensorflow")
    return tensorflow.asarray, tensorflow.asnumpy


def _dask() -> tuple[Any, Any]:
    """Give arrays of two blocks along their first axis, computed in the thread that asks."""
    da = import_module("dask.array")

    def asarray(a: Array, _: Situation) -> Array:
        a = np.array(a)  # a copy of ours, for it is read later
        return da.from_array(a, chunks=((a.shape[0] + 1) // 2, *a.shape[1:]) if a.ndim else ())

    return asarray, lambda a: np.asarray(a.compute(scheduler="synchronous"))


OWNED = {"scale", "shift"}
"""Fields that say whether a layer has an array, which its function is given."""

ARRAYS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "numpy": _numpy,
    "torch": _torch,
    "jax": _jax,
    "tensorflow": _tensorflow,
    "dask": _dask,
    "array_api_strict": _strict,
    "quad": _quad,
}
"""How each library's arrays are made and read. A library is imported only when it is asked for."""
