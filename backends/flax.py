"""Flax' own layers, nnx and linen. Gradients are jax.vjp's; compiled functions are kept by their arguments."""

from functools import lru_cache, partial
from typing import Any

import flax
import jax
import jax.numpy as jnp
from flax import nnx

from normspec.backends import flax_wrapped
from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.pure import Pure, Step, asarray, asnumpy, by_role, compiled, together
from normspec.dialects.entry import Entry, native
from normspec.dialects.flax import ENTRIES
from normspec.errors import NotFound
from normspec.records import Array, Arrays, Implementation, Situation

Arguments = tuple[tuple[str, Any], ...]
MOST = 4096
"""Compiled functions kept."""
AXIS = "shards"
"""The name of the axis along which statistics are taken together."""
WITH_MODES = ("batch_norm",)
"""Layers that are told whether to take the running statistics."""


@lru_cache(maxsize=MOST)
def _linen(entry: Entry, make: Any, arguments: Arguments, dtype: str, shards: int) -> tuple[Any, Step]:
    """Give a module of linen and its steps."""
    module = make(**dict(arguments), param_dtype=jnp.dtype(dtype))
    ours = {theirs: name for name, theirs in entry.names.items()}

    def apply(parameters: Arrays, state: Arrays, x: Array, **told: Any) -> tuple[Array, Arrays]:
        theirs = {entry.names[name]: a for name, a in parameters.items()}
        variables = {"params": theirs, "batch_stats": {entry.names[name]: a for name, a in state.items()}}
        y, updated = module.apply(variables, x, mutable=["batch_stats"], **told)
        return y, {ours[name]: a for name, a in updated.get("batch_stats", {}).items()}

    return module, _in_both_modes(entry, together(apply, shards, AXIS))


def build_linen(entry: Entry, make: Any, arguments: dict[str, Any], spec: Any, situation: Situation) -> Pure:
    """Build a layer of linen, born as its `init` gives it."""
    module, step = _linen(entry, make, tuple(arguments.items()), situation.parameter_dtype, len(situation.shards))
    x = jax.ShapeDtypeStruct(situation.shape, situation.dtype)  # type: ignore[no-untyped-call]  # it comes without types
    born = module.lazy_init(jax.random.key(0), x, **_told(entry, evaluate=True))
    ours = {theirs: name for name, theirs in entry.names.items()}
    values = {ours[theirs]: a for collection in ("params", "batch_stats") for theirs, a in born.get(collection, {}).items()}
    return Pure(step, *by_role(values, spec, situation), spec, situation)


@lru_cache(maxsize=MOST)
def _nnx(entry: Entry, make: Any, arguments: Arguments, dtype: str, shards: int) -> Step:
    """Give the steps of a module of nnx, which is made anew wherever they are traced."""

    def apply(parameters: Arrays, state: Arrays, x: Array, **told: Any) -> tuple[Array, Arrays]:
        module = _module(make, arguments, dtype)
        for name, a in {**parameters, **state}.items():
            getattr(module, entry.names[name])[...] = a
        y = module(x, **told)
        return y, {name: getattr(module, entry.names[name])[...] for name in state}

    return _in_both_modes(entry, together(apply, shards, AXIS))


def _module(make: Any, arguments: Arguments, dtype: str) -> Any:
    return make(**dict(arguments), param_dtype=jnp.dtype(dtype), rngs=nnx.Rngs(0))


def build_nnx(entry: Entry, make: Any, arguments: dict[str, Any], spec: Any, situation: Situation) -> Pure:
    """Build a layer of nnx, born as its constructor gives it."""
    told = tuple((name, value) for name, value in arguments.items() if name != "rngs")
    module = _module(make, told, situation.parameter_dtype)
    owned = {ours: getattr(module, theirs) for ours, theirs in entry.names.items()}
    values = {ours: variable[...] for ours, variable in owned.items() if isinstance(variable, nnx.Variable)}
    step = _nnx(entry, make, told, situation.parameter_dtype, len(situation.shards))
    return Pure(step, *by_role(values, spec, situation), spec, situation)


def _in_both_modes(entry: Entry, apply: Any) -> Step:
    if entry.layer not in WITH_MODES:
        return compiled(apply, apply)
    return compiled(*(partial(apply, **_told(entry, evaluate=evaluate)) for evaluate in (False, True)))


def _told(entry: Entry, *, evaluate: bool) -> dict[str, bool]:
    return {"use_running_average": evaluate} if entry.layer in WITH_MODES else {}


BUILD = {"nnx": build_nnx, "linen": build_linen}


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `flax:nnx`, which is also `flax`, or `flax:linen`, or what drives drop-ins as it drives those."""
    variant = variant or "nnx"
    if variant not in BUILD:
        raise NotFound(f"variant of flax must be one of {', '.join(BUILD)}, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Pure:
        entry, arguments = native(offered(ENTRIES, instead), variant, spec, situation)
        wraps = entry.layer in flax_wrapped.LAYERS
        by = flax_wrapped.build if wraps else BUILD[variant]
        if situation.shards:
            arguments = {**arguments, "axis_name": AXIS}
        return by(entry, maker(entry, instead), arguments, spec, situation)

    return Implementation(
        name=f"flax:{variant}",
        version=flax.__version__,
        build=build,
        asarray=asarray,
        asnumpy=asnumpy,
        inputs=("x", "mask"),
        shards="equal",
    )
