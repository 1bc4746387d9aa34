"""PyTorch's instance normalization: InstanceNorm1d, 2d and 3d, and the function."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, rate
from normspec.dialects.torch.common import (
    COMMON,
    DOCS,
    FUNCTIONAL,
    MODULE_MODES,
    PARAMETERS,
    STATE,
    affine,
    attributes_and_bias,
    function_modes,
    parameters,
    running,
    state,
)
from normspec.errors import Unsupported
from normspec.layers import InstanceNorm, Running
from normspec.records import Situation


def _meaning(epsilon: float, kept: Running | None, *, scale: bool, shift: bool) -> InstanceNorm:
    """Give what either means."""
    return InstanceNorm(
        batch_axes=(0,), channel_axes=(1,), epsilon=epsilon, running=kept, one_value="refuse", scale=scale, shift=shift, **COMMON
    )


def read(a: Mapping[str, Any], _: Situation) -> InstanceNorm:
    """Give what InstanceNorm1d, 2d and 3d mean. `momentum` is the weight of the new observation; None is 0, for nothing is counted."""
    kept = running(a["momentum"] or 0.0) if a["track_running_stats"] else None
    return _meaning(a["eps"], kept, scale=a["affine"], shift=a["affine"] and a["bias"])


def write(s: InstanceNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of InstanceNorm1d, 2d and 3d."""
    features = {"num_features": situation.shape[1]}
    return {**features, "eps": s.epsilon, **_momentum(s), "track_running_stats": s.running is not None, **affine(s, "affine")}


def read_function(a: Mapping[str, Any], _: Situation) -> InstanceNorm:
    """Give what functional.instance_norm means; arrays stand as our names for them, and None where they are not given."""
    if a["momentum"] is None:
        raise Unsupported("momentum must be a number, got None")
    kept = running(a["momentum"]) if a["running_mean"] is not None else None
    return _meaning(a["eps"], kept, scale=a["weight"] is not None, shift=a["bias"] is not None)


def write_function(s: InstanceNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of functional.instance_norm."""
    return {**state(s), **parameters(s), "eps": s.epsilon, **_momentum(s)}


def _momentum(s: InstanceNorm) -> dict[str, float]:
    new = rate(s.running)
    return {} if new is None else {"momentum": new}


def _module(dimensions: int) -> Entry:
    return Entry(
        native=f"torch.nn.InstanceNorm{dimensions}d",
        layer="instance_norm",
        variant="",
        versions=">=2.13",
        source=f"{DOCS}InstanceNorm{dimensions}d.html",
        ranks=range(dimensions + 2, dimensions + 3),
        positional=("num_features", "eps", "momentum", "affine", "track_running_stats", "device", "dtype"),
        defaults={"eps": 1e-5, "momentum": 0.1, "affine": False, "track_running_stats": False, "bias": True},
        free=("device", "dtype"),
        sizes={"num_features": int},
        names={**PARAMETERS, **STATE},
        modes=MODULE_MODES,
        attributes=attributes_and_bias("num_features", "eps", "momentum", "affine", "track_running_stats"),
        read=read,
        write=write,
    )


FUNCTION = Entry(
    native="torch.nn.functional.instance_norm",
    layer="instance_norm",
    variant="functional",
    versions=">=2.13",
    source=f"{FUNCTIONAL}instance_norm.html",
    ranks=range(3, 65),
    positional=("input", "running_mean", "running_var", "weight", "bias", "use_input_stats", "momentum", "eps"),
    defaults={"running_mean": None, "running_var": None, "weight": None, "bias": None, "momentum": 0.1, "eps": 1e-5},
    free=("input", "use_input_stats"),
    names={**PARAMETERS, **STATE},
    modes=function_modes("use_input_stats"),
    read=read_function,
    write=write_function,
)

ENTRIES = (_module(1), _module(2), _module(3), FUNCTION)
