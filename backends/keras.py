"""Keras 3's own layers, on each of its backends. One backend a process: Keras reads KERAS_BACKEND once, when it is imported."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.keras_adapted import adapt
from normspec.backends.keras_eager import drives
from normspec.backends.keras_library import Library
from normspec.dialects.entry import native
from normspec.dialects.keras import ENTRIES
from normspec.errors import NotFound
from normspec.records import Array, Arrays, Implementation, Layer, Pullback, Shards, Situation


class Backend(NamedTuple):
    """What a backend brings: how NumPy's arrays become its own and come back; what drives layers on it, by their stems; which shards."""

    asarray: Callable[[Array, Situation], Array]
    asnumpy: Callable[[Array], Array]
    drives: Mapping[str, Callable[..., Layer]]
    shards: Shards = "none"


def _numpy(library: Library) -> Backend:
    return Backend(lambda a, _: np.array(a), np.asarray, drives(library, lambda call, x, _: (call(x), None)))


def _openvino(library: Library) -> Backend:
    """Give OpenVINO: what a call gives is a graph, which a CPU runs in float32 when its numbers are asked for, so NumPy reshapes."""
    ops = import_module("keras").ops
    library = library._replace(reshape=lambda a, shape: ops.convert_to_tensor(ops.convert_to_numpy(a).reshape(shape)))

    def run(call: Callable[[Array], Array], x: Array, _: Arrays) -> tuple[Array, None]:
        return ops.convert_to_tensor(ops.convert_to_numpy(call(x))), None

    return Backend(lambda a, _: ops.convert_to_tensor(np.array(a)), lambda a: np.asarray(ops.convert_to_numpy(a)), drives(library, run))


def _tensorflow(library: Library) -> Backend:
    tape, mirrored = import_module("normspec.backends.tape"), import_module("normspec.backends.mirrored")
    library = library._replace(tangents=tape.tangents)
    each: dict[str, Callable[..., Layer]] = {**drives(library, tape.taped), "batch_norm": partial(mirrored.build, library)}
    return Backend(tape.asarray, tape.asnumpy, each, shards="any")


def _torch(library: Library) -> Backend:
    torch = import_module("torch")
    arrays = import_module("normspec.backends.torch_arrays")

    def differentiated(call: Callable[[Array], Array], x: Array, parameters: Arrays) -> tuple[Array, Pullback]:
        leaves = {name: leaf.requires_grad_() for name, leaf in {"x": x, **parameters}.items()}  # those of a frozen layer, too
        y = call(x)
        return y.detach(), lambda dy: dict(zip(leaves, torch.autograd.grad(y, list(leaves.values()), dy), strict=True))

    twice = import_module("normspec.backends.torch_tangents")
    return Backend(arrays.asarray, arrays.asnumpy, drives(library._replace(tangents=twice.tangents), differentiated))


def _jax(library: Library) -> Backend:
    jax = import_module("jax")
    pure, stateless = import_module("normspec.backends.pure"), import_module("normspec.backends.stateless")

    def differentiated(call: Callable[[Array], Array], x: Array, _: Arrays) -> tuple[Array, Pullback]:
        y, back = jax.vjp(call, x)
        return y, lambda dy: {"x": back(dy)[0]}

    compiled = {"": stateless.build, "spectral_norm": partial(stateless.wrapped, library)}
    return Backend(pure.asarray, pure.asnumpy, {**drives(library, differentiated), **compiled})


BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch, "numpy": _numpy, "openvino": _openvino}


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `keras:` and a backend out of BACKENDS, such as `keras:jax`; `keras` is the one that KERAS_BACKEND names.

    With drop-ins, these are driven.
    """
    variant = variant or os.environ.get("KERAS_BACKEND", "tensorflow")
    if variant not in BACKENDS:
        raise NotFound(f"variant of keras must be one of {', '.join(BACKENDS)}, got {variant!r}")
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = variant
    keras = import_module("keras")
    if keras.config.backend() != variant:
        raise NotFound(
            f"keras has been imported with the backend {keras.config.backend()} in this process; load keras:{variant} in another"
        )
    ops = keras.ops
    backend = BACKENDS[variant](Library(keras.layers.Layer, ops.reshape, ops.copy, lambda variable: variable.value, adapt))

    def build(spec: Any, situation: Situation) -> Layer:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        drive = backend.drives.get(spec.layer, backend.drives[""])
        return drive(maker(entry, instead), entry, arguments, spec, situation)

    return Implementation(
        name=f"keras:{variant}",
        version=keras.__version__,
        build=build,
        asarray=backend.asarray,
        asnumpy=backend.asnumpy,
        inputs=("x", "mask"),
        shards=backend.shards,
    )
