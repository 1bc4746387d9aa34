"""Equinox' own layers, mapped over the samples of x, which they take one by one. Gradients are jax.vjp's."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from equinox.nn import make_with_state

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.pure import Apply, Pure, Step, asarray, asnumpy, by_role, compiled, together
from normspec.dialects.entry import Entry, native
from normspec.dialects.equinox import ENTRIES
from normspec.errors import NotFound
from normspec.records import Array, Arrays, Implementation, Situation

MOST = 4096
"""Compiled functions kept."""
SAMPLES, SHARDS = "batch", "shards"
"""The names of the axes over which batch norm takes statistics together."""
WRAPS = ("weight_norm", "spectral_norm")
RUNNING = ("running_mean", "running_variance")

Arguments = tuple[tuple[str, Any], ...]
Made = Callable[..., tuple[Any, Any]]
"""From a weight, or from nothing, to a layer and its state."""


class Weight(eqx.Module):
    """A layer that owns a weight and gives it, whatever it is called with."""

    weight: Array

    def __call__(self, _: Any) -> Array:
        """Give the weight."""
        return self.weight


class Debiased(Pure):
    """Drives batch norm in mode "batch", which shows no running statistics: what it keeps, over what the weights until now add up to."""

    def __init__(self, momentum: float, *of: Any) -> None:
        super().__init__(*of)
        self.momentum = momentum
        self.given: Arrays = {}

    def load(self, values: Arrays) -> None:
        """Take parameters and running statistics."""
        if "count" in values:
            weights, count = self._weights(values["count"]), jnp.asarray(int(values["count"]))  # a weak dtype, as it is born
            self.given = {name: values[name] for name in RUNNING}
            values = {**values, **{name: values[name] * weights for name in RUNNING}, "count": count}
        super().load(values)
        self.loaded = self.state

    def read(self) -> Arrays:
        """Give parameters and running statistics, as inference has them; those that were given, until a step moves them."""
        found = super().read()
        stay = bool(self.given) and all(jnp.array_equal(self.state[name], a) for name, a in self.loaded.items())
        return {**found, **(self.given if stay else {name: found[name] / self._weights(found["count"]) for name in RUNNING})}

    def _weights(self, count: Array) -> Array:
        return jnp.where(count == 0, 1, 1 - self.momentum**count)


def _made(entry: Entry, make: Any, arguments: Arguments, dtype: str) -> Made:
    if entry.layer in WRAPS:
        key = {"key": jax.random.key(0)} if entry.layer == "spectral_norm" else {}
        return lambda x: make_with_state(make)(Weight(x), "weight", **dict(arguments), **key)
    return lambda _: make_with_state(make)(**dict(arguments), dtype=jnp.dtype(dtype))


def _kept(layer: Any, state: Any, entry: Entry) -> Arrays:
    """Give what a layer keeps, by our names; of batch norm what is hidden, or of mode "ema" whether anything was observed."""
    if entry.layer == "spectral_norm":
        return dict(zip(("u", "v"), state.get(layer.uv_index), strict=True))
    if entry.layer != "batch_norm":
        return {}
    if layer.mode == "batch":
        return {**dict(zip(RUNNING, state.get(layer.batch_state_index), strict=True)), "count": state.get(layer.batch_counter)}
    observed = jnp.asarray(~state.get(layer.ema_first_time_index), int)
    return {**dict(zip(RUNNING, state.get(layer.ema_state_index), strict=True)), "count": observed}


def _put(layer: Any, state: Any, kept: Arrays) -> Any:
    """Give a state with what is kept by our names."""
    if "u" in kept:
        return state.set(layer.uv_index, (kept["u"], kept["v"]))
    if not kept:
        return state
    running = kept["running_mean"], kept["running_variance"]
    if layer.mode == "batch":
        return state.set(layer.batch_state_index, running).set(layer.batch_counter, kept["count"])
    return state.set(layer.ema_state_index, running).set(layer.ema_first_time_index, kept["count"] == 0)


def _owned(layer: Any, parameters: Arrays, entry: Entry) -> Any:
    """Give a layer with these parameters."""
    if not parameters:
        return layer
    return eqx.tree_at(lambda at: [getattr(at, entry.names[name]) for name in parameters], layer, list(parameters.values()))


def _taken(layer: Any, state: Any, x: Array, entry: Entry, told: dict[str, bool]) -> tuple[Array, Any]:
    """Take a step: on the weight of what is wrapped, on all samples of a named axis, or on each by itself."""
    if entry.layer in WRAPS:
        layer = eqx.tree_at(lambda at: at.layer.weight, layer, x)
        return layer(None, state, **told) if entry.layer == "spectral_norm" else (layer(None), state)
    if entry.layer == "batch_norm":
        y, state = jax.vmap(partial(layer, **told), (0, None), (0, None), axis_name=SAMPLES)(x, state)
        return y, state
    for _ in range(1 if entry.layer == "group_norm" else x.ndim - len(layer.shape)):
        layer = jax.vmap(layer)
    return layer(x), state


@lru_cache(maxsize=MOST)
def _step(entry: Entry, make: Any, arguments: Arguments, dtype: str, shards: int) -> Step:
    made = _made(entry, make, arguments, dtype)

    def apply(told: dict[str, bool], parameters: Arrays, kept: Arrays, x: Array) -> tuple[Array, Arrays]:
        layer, state = made(jnp.ones(x.shape, x.dtype))
        state = jax.tree.map(lambda a: jnp.where(True, a, a), state)  # computed where x is: `set` refuses that in place of a constant
        y, state = _taken(_owned(layer, parameters, entry), _put(layer, state, kept), x, entry, told)
        return y, _kept(layer, state, entry)

    def steps(**told: bool) -> Apply:
        return together(partial(apply, told), shards, SHARDS, follow=False)  # its sums are over the samples besides

    if entry.modes["train"] != entry.modes["evaluate"]:
        return compiled(steps(inference=False), steps(inference=True))
    only = steps()
    return compiled(only, only)


def build(entry: Entry, make: Any, arguments: dict[str, Any], spec: Any, situation: Situation) -> Pure:
    """Build a layer, born as its constructor gives it; what a wrapper makes of its weight is shown where the situation has one."""
    names = {"axis_name": (SAMPLES, SHARDS)} if situation.shards else {}
    told = tuple({**arguments, **names}.items())
    weight = jnp.ones(situation.shape, situation.dtype) if situation.weight is None else asarray(situation.weight, situation)
    layer, state = _made(entry, make, told, situation.parameter_dtype)(weight)
    parameters = {name: getattr(layer, theirs) for name, theirs in entry.names.items() if name in ("scale", "shift")}
    slots = spec.slots(situation.shape)
    born = {name: a for name, a in {**parameters, **_kept(layer, state, entry)}.items() if name in slots}
    of = _step(entry, make, told, situation.parameter_dtype, len(situation.shards)), *by_role(born, spec, situation), spec, situation
    found = Debiased(arguments["momentum"], *of) if arguments.get("mode") == "batch" else Pure(*of)
    found.hidden -= {"scale"} if situation.weight is not None else set()
    return found


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `equinox`, or what drives drop-ins as it drives its layers."""
    if variant:
        raise NotFound(f"equinox has no variants, got {variant!r}")

    def made(spec: Any, situation: Situation) -> Pure:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        return build(entry, maker(entry, instead), arguments, spec, situation)

    return Implementation(name="equinox", version=eqx.__version__, build=made, asarray=asarray, asnumpy=asnumpy, shards="equal")
