"""The reference as an implementation like any other: `normspec.load("reference:jax")`. Its quad variant is the oracle."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any, get_args

import numpy as np

from normspec.dtypes import FLOATS, promote, statistics
from normspec.errors import NotFound, Unsupported
from normspec.load import load
from normspec.records import Array, Implementation, Layout, Situation
from normspec.reference import quad
from normspec.reference.stateful import ReferenceLayer, layer_of


def implementation(variant: str = "") -> Implementation:
    """Give the reference on `numpy` (the default), `torch`, `jax`, `tensorflow`, `dask`, `array_api_strict` or `quad` arrays."""
    variant = variant or "numpy"
    if variant not in ARRAYS:
        raise NotFound(f"variant of reference must be one of {', '.join(ARRAYS)}, got {variant!r}")
    asarray, asnumpy = ARRAYS[variant]()

    def build(spec: Any, situation: Situation) -> ReferenceLayer:
        weight = None if situation.weight is None else asarray(situation.weight, situation)
        rounding = _rounding(spec.at_rank(len(situation.shape)), situation) if variant == "quad" else None
        return layer_of(spec, situation, lambda a: asarray(a, situation), weight=weight, rounding=rounding)

    return Implementation(
        name=f"reference:{variant}",
        version=version("normspec"),
        build=build,
        asarray=asarray,
        asnumpy=asnumpy,
        inputs=("x", "mask", "scale", "shift", "style"),
        layouts=_layouts(variant),
        shards="any",
    )


def _layouts(variant: str) -> tuple[Layout, ...]:
    """Give the layouts that a library's arrays have besides the usual one."""
    if variant == "torch":
        return tuple(load("torch").layouts)
    return get_args(Layout) if variant == "numpy" else ()


def _rounding(spec: Any, situation: Situation) -> dict[str, Any]:
    """Give where quad arrays, which stand for the situation's, round to a narrower dtype."""
    taken_in = statistics(spec, situation.dtype)
    wide = FLOATS[taken_in].bits >= FLOATS[promote(situation.dtype, "float32")].bits
    before_scale = {"rounding": situation.dtype} if getattr(spec, "rounding", "last") == "before_scale" else {}
    return {"statistics_dtype": "widened" if wide else taken_in, **before_scale}


def _numpy() -> tuple[Any, Any]:
    return (lambda a, _: np.asarray(a)), np.asarray


def _quad() -> tuple[Any, Any]:
    return (lambda a, _: a if np.asarray(a).dtype.kind in "iub" else quad.asarray(a)), np.asarray


def _strict() -> tuple[Any, Any]:
    strict = import_module("array_api_strict")
    strict.set_array_api_strict_flags(api_version="2022.12", boolean_indexing=False, data_dependent_shapes=False, enabled_extensions=())

    def asarray(a: Array, _: Situation) -> Array:
        if not hasattr(strict, np.asarray(a).dtype.name):
            raise Unsupported(f"array_api_strict has no {np.asarray(a).dtype.name}, as the standard has none")
        return strict.asarray(a)

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
