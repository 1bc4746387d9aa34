"""Haiku's own layers, each a transformed function of parameters, state and x. Gradients are jax.vjp's."""

from functools import lru_cache
from typing import Any

import haiku as hk
import jax
import jax.numpy as jnp

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.pure import Apply, Pure, Step, asarray, asnumpy, by_role, compiled, together
from normspec.dialects.entry import Entry, native
from normspec.dialects.haiku import ENTRIES
from normspec.errors import NotFound, Unsupported
from normspec.records import Array, Arrays, Implementation, Situation

MOST = 4096
"""Compiled functions kept."""
AXIS = "shards"
"""The name of the axis along which statistics are taken together."""
NAME = "layer"
TOLD = {"batch_norm": "is_training", "spectral_norm": "update_stats"}
"""The argument by which a layer is told to train."""
BESIDE = {"hidden_mean": "mean_ema/hidden", "hidden_variance": "var_ema/hidden", "count_of_variance": "var_ema/counter"}
"""What a moving average keeps besides itself and a count."""


class Averaged(Pure):
    """Drives a layer with moving averages: what is hidden is the average times 1 - decay^count.

    `init` takes the averages from the x that it is given: what is born says nothing of the layer.
    """

    def __init__(self, decay: float, *of: Any) -> None:
        super().__init__(*of)
        self.decay, self.loaded = decay, False

    def load(self, values: Arrays) -> None:
        """Take parameters and averages."""
        self.loaded = True
        hidden: Arrays = {}
        if "count" in values:
            mean, variance, count = (values[name] for name in ("running_mean", "running_variance", "count"))
            left = 1 - self.decay ** int(count)
            hidden = {"hidden_mean": mean * left, "hidden_variance": variance * left, "count_of_variance": count}
        super().load({**values, **hidden})

    def read(self) -> Arrays:
        """Give parameters and averages."""
        if not self.loaded:
            raise Unsupported("init() takes the averages from the x that it is given, which says nothing of what is born")
        return {name: a for name, a in super().read().items() if name not in BESIDE}


def _place(theirs: str) -> tuple[str, str]:
    """Give the module of an array, and its name there."""
    owner, _, key = theirs.rpartition("/")
    return f"{NAME}/~/{owner}" if owner else NAME, key


def _tree(names: dict[str, str], arrays: Arrays) -> dict[str, dict[str, Array]]:
    tree: dict[str, dict[str, Array]] = {}
    for name, a in arrays.items():
        module, key = _place(names[name])
        tree.setdefault(module, {})[key] = a
    return tree


def _names(entry: Entry) -> dict[str, str]:
    return {**entry.names, **(BESIDE if entry.layer == "batch_norm" else {})}


def _transformed(entry: Entry, make: Any, arguments: tuple[tuple[str, Any], ...], *, train: bool) -> Any:
    told = {TOLD[entry.layer]: train} if entry.layer in TOLD else {}
    return hk.transform_with_state(lambda x: make(**dict(arguments), name=NAME)(x, **told))


@lru_cache(maxsize=MOST)
def _step(entry: Entry, make: Any, arguments: tuple[tuple[str, Any], ...], shards: int) -> Step:
    names = _names(entry)

    def taken(*, train: bool) -> Apply:
        function = _transformed(entry, make, arguments, train=train)

        def apply(parameters: Arrays, state: Arrays, x: Array) -> tuple[Array, Arrays]:
            y, new = function.apply(_tree(names, parameters), _tree(names, state), None, x)
            places = {name: _place(names[name]) for name in state}
            return y, {name: new[module][key] for name, (module, key) in places.items()}

        return together(apply, shards, AXIS)

    return compiled(taken(train=True), taken(train=False)) if entry.layer in TOLD else compiled(*[taken(train=True)] * 2)


def _born(entry: Entry, make: Any, arguments: tuple[tuple[str, Any], ...], situation: Situation) -> Arrays:
    function = _transformed(entry, make, arguments, train=True)
    parameters, state = function.init(jax.random.key(0), jnp.ones(situation.shape, situation.dtype))
    found = {**parameters, **{module: {**parameters.get(module, {}), **own} for module, own in state.items()}}
    places = {name: _place(theirs) for name, theirs in _names(entry).items()}
    return {name: found[module][key] for name, (module, key) in places.items() if key in found.get(module, {})}


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `haiku`, or what drives drop-ins as it drives its layers."""
    if variant:
        raise NotFound(f"haiku has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Pure:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        told, make = tuple(arguments.items()), maker(entry, instead)
        born = _born(entry, make, told, situation)
        together_as = (("cross_replica_axis", AXIS),) if situation.shards else ()
        of = _step(entry, make, told + together_as, len(situation.shards)), *by_role(born, spec, situation), spec, situation
        return Averaged(arguments["decay_rate"], *of) if entry.layer == "batch_norm" else Pure(*of)

    return Implementation(name="haiku", version=hk.__version__, build=build, asarray=asarray, asnumpy=asnumpy, shards="equal")
