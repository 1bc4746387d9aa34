"""What a layer is born with that is made with a weight: the length of weight normalization, the vectors of spectral normalization."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from normspec.records import Array
from normspec.reference.divide import Norm, divided
from normspec.reference.names import cast, namespace
from normspec.reference.spectral_norm import spectral_norm

SEED = 0
"""The seed of the random vectors, which are the same for every layer."""


def made_with(spec: Any, weight: Array, asarray: Callable[[Any], Array]) -> dict[str, Array]:
    """Give the arrays that depend on the weight, or are random, of a layer of this spec; `asarray` makes one of random numbers."""
    if getattr(spec, "initial_scale", "one") == "norm":
        return {"scale": _length(spec, weight)}
    if spec.layer == "spectral_norm":
        return _warmed(spec, weight, asarray)
    return {}


def _length(spec: Any, weight: Array) -> Array:
    """Give the divisor, so that scale times x over it is x."""
    xp, at = namespace(weight), spec.geometry(tuple(weight.shape))
    _, inverse, _ = divided(xp, weight, Norm(at.axes, spec.epsilon, spec.epsilon_place), spec.statistics_dtype)
    return cast(xp, xp.reshape(1 / inverse, at.owned), weight.dtype)


def _warmed(spec: Any, weight: Array, asarray: Callable[[Any], Array]) -> dict[str, Array]:
    """Give random vectors of norm 1, after the iterations of the warm-up on this weight."""
    rng = np.random.default_rng(SEED)
    (axis,) = spec.at_rank(len(weight.shape)).channel_axes
    drawn = {"u": rng.normal(size=weight.shape[axis]), "v": rng.normal(size=prod(weight.shape) // weight.shape[axis])}
    state = {name: asarray(a / np.sqrt(np.sum(a * a))) for name, a in drawn.items()}
    if spec.warm_up:
        told = {"epsilon": spec.epsilon, "epsilon_place": spec.epsilon_place, "statistics_dtype": spec.statistics_dtype}
        _, state, _ = spectral_norm(weight, state, mode="observe", channel_axes=(axis,), first=spec.first, iterations=spec.warm_up, **told)
    return {name: state[name] for name in spec.slots(tuple(weight.shape))}
