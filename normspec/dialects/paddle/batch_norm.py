"""Batch norm of Paddle: BatchNorm1D, 2D and 3D, and the function."""

from typing import Any

from normspec.dialects.entry import Entry, Name, a_mode, complement, rate
from normspec.dialects.paddle import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation

STATE = {"running_mean": "_mean", "running_variance": "_variance"}


def _meaning(a: c.Arguments, *, scale: bool, shift: bool) -> BatchNorm:
    """Give what either means: "moving_variance = moving_variance * momentum + sigma^2 * (1. - momentum)", of the batch's own variance."""
    if a["use_global_stats"] is not None:
        raise _mode_of(a["use_global_stats"])
    return BatchNorm(
        channel_axes=(c.channel_axis(a),),
        epsilon=a["epsilon"],
        train_with="batch",
        running=Running(
            rate=complement(a["momentum"]), start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"
        ),
        scale=scale,
        shift=shift,
        **c.COMMON,
    )


def _mode_of(use_global_stats: Any) -> Unsupported:
    if use_global_stats:
        return a_mode(f"use_global_stats={use_global_stats!r}")
    return Unsupported("use_global_stats=False takes the statistics of x in evaluation, too, and keeps others: no point here has that")


def read(a: c.Arguments, _: Situation) -> BatchNorm:
    """Give what BatchNorm1D, 2D and 3D mean."""
    return _meaning(a, **c.shared(a))


def write(s: BatchNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of BatchNorm1D, 2D and 3D."""
    return {
        "num_features": c.channels(s, situation),
        **_momentum(s),
        "epsilon": s.epsilon,
        **c.attributes_of(s),
        **c.data_format(s, situation),
    }


def read_function(a: c.Arguments, _: Situation) -> BatchNorm:
    """Give what functional.batch_norm means; arrays stand as our names for them, and None where they are not given."""
    return _meaning(a, **c.given(a))


def write_function(s: BatchNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of functional.batch_norm, which must be given running statistics."""
    state = {"running_mean": Name("running_mean"), "running_var": Name("running_variance")}
    return {**state, **c.parameters(s), **_momentum(s), "epsilon": s.epsilon, **c.data_format(s, situation)}


def _momentum(s: BatchNorm) -> dict[str, float]:
    new = rate(s.running)
    return {} if new is None else {"momentum": complement(new)}


def _layer(dimensions: int, ranks: range, data_format: str) -> Entry:
    attributes = ("num_features", "momentum", "epsilon", "data_format", "use_global_stats")
    told = {"weight_attr": None, "bias_attr": None, "data_format": data_format, "use_global_stats": None}
    return c.entry(
        "batch_norm",
        f"BatchNorm{dimensions}D",
        ranks,
        {"momentum": 0.9, "epsilon": 1e-5, **told},
        ("num_features", "momentum", "epsilon", *told, "name"),
        sizes={"num_features": int},
        names={**c.PARAMETERS, **STATE},
        modes=c.MODULE_MODES,
        attributes=c.attributes(*attributes),
        read=read,
        write=write,
    )


TOLD = {"momentum": 0.9, "epsilon": 1e-5, "data_format": "NCHW", "use_global_stats": None}
FUNCTION = c.function(
    "batch_norm",
    "batch_norm",
    range(2, 6),
    {"weight": None, "bias": None, **TOLD},
    ("running_mean", "running_var", "weight", "bias", "training", *TOLD, "name"),
    free=("x", "training", "name"),
    names={**c.PARAMETERS, "running_mean": "running_mean", "running_variance": "running_var"},
    modes={"train": "training=True", "evaluate": "training=False", "freeze": "training=False"},
    read=read_function,
    write=write_function,
)

ENTRIES = (_layer(1, range(2, 4), "NCL"), _layer(2, range(4, 5), "NCHW"), _layer(3, range(5, 6), "NCDHW"), FUNCTION)
