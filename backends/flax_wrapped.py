"""Flax' layers that wrap another and normalize its weight: x takes the weight's place, and the layer wrapped gives back what it finds."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen, nnx

from normspec.backends.pure import Apply, Pure, Step, asarray, by_role, compiled
from normspec.dialects.entry import Entry
from normspec.records import Array, Arrays, Situation

LAYERS = ("weight_norm", "spectral_norm")
WITH_MODES = ("spectral_norm",)
"""Layers that are told whether to keep what they have iterated."""
WRAPPED = "layer_instance"
MOST = 4096
"""Compiled functions kept."""

Made = Callable[[Array], Any]
"""From a weight to a module that wraps it."""


class LinenWeight(linen.Module):
    """A layer of linen that owns a weight and gives it."""

    first: Array

    @linen.compact
    def __call__(self) -> Array:
        """Give the weight."""
        return self.param("kernel", lambda _: self.first)


class NnxWeight(nnx.Module):
    """A layer of nnx that owns a weight and gives it, whatever it is called with."""

    def __init__(self, kernel: Array) -> None:
        self.kernel = nnx.Param(kernel)

    def __call__(self, _: Any) -> Array:
        """Give the weight."""
        return self.kernel[...]


def _linen_apply(made: Made, entry: Entry) -> Apply:
    paths = {name: f"{WRAPPED}/{theirs}" for name, theirs in entry.names.items()}

    def apply(parameters: Arrays, state: Arrays, x: Array, **told: Any) -> tuple[Array, Arrays]:
        own, stats = ({paths[name]: a for name, a in arrays.items()} for arrays in (parameters, state))
        variables = {"params": {WRAPPED: {"kernel": x}, **own}, "batch_stats": stats}
        y, updated = made(x).apply(variables, mutable=["batch_stats"], **told)
        return y, {name: updated["batch_stats"][paths[name]] for name in state}

    return apply


def _linen_born(made: Made, entry: Entry, x: Array) -> Arrays:
    variables = made(x).init(jax.random.key(0), **_told(entry, train=False))
    owned = {**variables["params"], **variables.get("batch_stats", {})}
    return {name: owned[path] for name, theirs in entry.names.items() if (path := f"{WRAPPED}/{theirs}") in owned}


def _nnx_apply(made: Made, entry: Entry) -> Apply:
    def apply(parameters: Arrays, state: Arrays, x: Array, **told: Any) -> tuple[Array, Arrays]:
        module = made(x)
        for name, a in {**parameters, **state}.items():
            owned, key = _place(module, entry.names[name])
            if isinstance(owned[key], nnx.Variable):
                owned[key][...] = a
            else:
                owned[key] = a
        y = module(None, **told)
        return y, {name: a for name, a in _owned(module, entry).items() if name in state}

    return apply


def _owned(module: Any, entry: Entry) -> Arrays:
    places = {name: _place(module, theirs) for name, theirs in entry.names.items()}
    return {name: owned[key][...] for name, (owned, key) in places.items() if owned}


def _place(module: Any, theirs: str) -> tuple[Any, tuple[str, ...]]:
    """Give the dict of a module of nnx, and the key in it, that a name such as `scales/kernel` stands for."""
    owned, *key = theirs.split("/")
    return getattr(module, owned), tuple(key)


def _made(entry: Entry, make: Any, arguments: tuple[tuple[str, Any], ...], dtype: str) -> Made:
    told = {**dict(arguments), "param_dtype": jnp.dtype(dtype)}
    if entry.variant == "linen":
        return lambda x: make(**{WRAPPED: LinenWeight(x)}, **told)
    return lambda x: make(**{WRAPPED: NnxWeight(x)}, **told, rngs=nnx.Rngs(0))


@lru_cache(maxsize=MOST)
def _step(entry: Entry, *of: Any) -> Step:
    apply = (_linen_apply if entry.variant == "linen" else _nnx_apply)(_made(entry, *of), entry)
    if entry.layer not in WITH_MODES:
        return compiled(apply, apply)
    return compiled(*(partial(apply, **_told(entry, train=train)) for train in (True, False)))


def _told(entry: Entry, *, train: bool) -> dict[str, bool]:
    return {"update_stats": train} if entry.layer in WITH_MODES else {}


def build(entry: Entry, make: Any, arguments: dict[str, Any], spec: Any, situation: Situation) -> Pure:
    """Build a wrapper, born as its `init` or its constructor gives it. Its `sigma` is read by nobody, and not among our arrays."""
    told = tuple((name, value) for name, value in arguments.items() if name not in (WRAPPED, "rngs"))
    of = make, told, situation.parameter_dtype
    made = _made(entry, *of)
    x = jnp.ones(situation.shape, situation.dtype) if situation.weight is None else asarray(situation.weight, situation)
    born = _linen_born(made, entry, x) if entry.variant == "linen" else _owned(made(x), entry)
    return Pure(_step(entry, *of), *by_role(born, spec, situation), spec, situation)
