"""Batch norm of MLX."""

from math import prod
from typing import Any

from normspec.dialects.entry import rate
from normspec.dialects.mlx import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> BatchNorm:
    """Give what BatchNorm means: the channels lie along the last axis, and `momentum` is the weight of the new value."""
    if not a["track_running_stats"] and prod(situation.shape[:-1]) == 1:
        raise Unsupported("without running statistics one value per channel is refused in training alone: no point here has that")
    running = Running(rate=a["momentum"], start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    return BatchNorm(
        channel_axes=(-1,),
        epsilon=c.epsilon(a),
        train_with="batch",
        running=running if a["track_running_stats"] else None,
        scale=a["affine"],
        shift=a["affine"],
        statistics_dtype="input",
        output_dtype="promoted_with_state",
        one_value="refuse",
        **c.STANDARDIZED,
    )


def write(s: BatchNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of BatchNorm."""
    new = rate(s.running)
    momentum = {} if new is None else {"momentum": new}
    told = {"affine": s.scale or s.shift, "track_running_stats": s.running is not None}
    return {"num_features": situation.shape[-1], "eps": s.epsilon, **momentum, **told}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}

ENTRY = c.entry(
    "batch_norm",
    "BatchNorm",
    DEFAULTS,
    "num_features",
    ranks=range(2, 5),
    names={**c.PARAMETERS, "running_mean": "running_mean", "running_variance": "running_var"},
    modes={
        "train": "layer.train(); layer(x)",
        "evaluate": "layer.eval(); layer(x)",
        "freeze": "layer.eval() after every model.train(), which undoes it",
        "observe": "layer.train(); layer(x), whose result is not used",
    },
    read=read,
    write=write,
)
