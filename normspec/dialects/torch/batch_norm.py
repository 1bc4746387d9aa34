"""PyTorch's batch normalization: BatchNorm1d, 2d and 3d, the function, and SyncBatchNorm, which in one process is one of the first."""

from collections.abc import Mapping
from dataclasses import replace
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
from normspec.layers import BatchNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], _: Situation) -> BatchNorm:
    """Give what BatchNorm1d, 2d and 3d mean. `momentum` is the weight of the new observation; None averages all alike."""
    if a["eps"] <= 0:
        raise Unsupported(f"eps must be positive during training, got {a['eps']}")
    kept = running(0.0, "debiased") if a["momentum"] is None else running(a["momentum"])
    return BatchNorm(
        channel_axes=(1,),
        epsilon=a["eps"],
        train_with="batch",
        running=kept if a["track_running_stats"] else None,
        scale=a["affine"],
        shift=a["affine"] and a["bias"],
        one_value="refuse",
        **COMMON,
    )


def write(s: BatchNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of BatchNorm1d, 2d and 3d."""
    features = {"num_features": situation.shape[1]}
    momentum = {} if s.running is None else {"momentum": s.running.rate or (None if s.running.counts else 0.0)}
    return {**features, "eps": s.epsilon, **momentum, "track_running_stats": s.running is not None, **affine(s, "affine")}


def read_function(a: Mapping[str, Any], situation: Situation) -> BatchNorm:
    """Give what functional.batch_norm means; arrays stand as our names for them, and None where they are not given."""
    if a["momentum"] is None:
        raise Unsupported("momentum must be a number, got None: a function counts nothing")
    module = {"affine": True, "bias": True, "track_running_stats": a["running_mean"] is not None}
    found = read({**module, "eps": a["eps"], "momentum": a["momentum"]}, situation)
    return replace(found, scale=a["weight"] is not None, shift=a["bias"] is not None)


def write_function(s: BatchNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of functional.batch_norm."""
    new = rate(s.running)
    return {**state(s), **parameters(s), "eps": s.epsilon, **({} if new is None else {"momentum": new})}


def _module(dimensions: int, ranks: range) -> Entry:
    return Entry(
        native=f"torch.nn.BatchNorm{dimensions}d",
        layer="batch_norm",
        variant="",
        versions=">=2.13",
        source=f"{DOCS}BatchNorm{dimensions}d.html",
        ranks=ranks,
        positional=("num_features", "eps", "momentum", "affine", "track_running_stats", "device", "dtype"),
        defaults={"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True, "bias": True},
        free=("device", "dtype"),
        sizes={"num_features": int},
        names={**PARAMETERS, **STATE},
        modes=MODULE_MODES,
        attributes=attributes_and_bias("num_features", "eps", "momentum", "affine", "track_running_stats"),
        read=read,
        write=write,
    )


FUNCTION = Entry(
    native="torch.nn.functional.batch_norm",
    layer="batch_norm",
    variant="functional",
    versions=">=2.13",
    source=f"{FUNCTIONAL}batch_norm.html",
    ranks=range(2, 65),
    positional=("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
    defaults={"weight": None, "bias": None, "momentum": 0.1, "eps": 1e-5},
    free=("input", "training"),
    names={**PARAMETERS, **STATE},
    modes=function_modes("training"),
    read=read_function,
    write=write_function,
)

SYNCHRONIZED = replace(
    _module(1, range(2, 65)),
    native="torch.nn.SyncBatchNorm",
    variant="others",
    source=f"{DOCS}SyncBatchNorm.html",
    positional=("num_features", "eps", "momentum", "affine", "track_running_stats", "process_group", "device", "dtype"),
    free=("process_group", "device", "dtype"),
)

ENTRIES = (_module(1, range(2, 4)), _module(2, range(4, 5)), _module(3, range(5, 6)), FUNCTION, SYNCHRONIZED)
