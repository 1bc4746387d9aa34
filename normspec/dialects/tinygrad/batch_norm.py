"""Batch norm of tinygrad."""

from typing import Any

from normspec.dialects.entry import rate
from normspec.dialects.tinygrad import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> BatchNorm:
    """Give what BatchNorm means: `momentum` is the weight of the new value; without running statistics it always takes x's own."""
    kept, mixed = a["track_running_stats"], situation.dtype != situation.parameter_dtype
    if mixed and kept and not a["affine"]:
        raise Unsupported("without a weight y has the dtype of x in training, and in evaluation that of the running statistics")
    running = Running(rate=a["momentum"], start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    return BatchNorm(
        channel_axes=(1,),
        epsilon=a["eps"],
        train_with="batch",
        running=running if kept else None,
        scale=a["affine"],
        shift=a["affine"],
        output_dtype="promoted_with_state",
        one_value="refuse" if kept else "shift",
        **c.STANDARDIZED,
    )


def write(s: BatchNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of BatchNorm."""
    new = rate(s.running)
    momentum = {} if new is None else {"momentum": new}
    return {"sz": situation.shape[1], "eps": s.epsilon, **c.affine(s, "affine"), "track_running_stats": s.running is not None, **momentum}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "affine": True, "track_running_stats": True, "momentum": 0.1}

ENTRY = c.entry(
    "batch_norm",
    "BatchNorm",
    DEFAULTS,
    "sz",
    also=("tinygrad.nn.BatchNorm2d", "tinygrad.nn.BatchNorm3d"),
    ranks=range(2, 65),
    sizes={"sz": int},
    names={**c.PARAMETERS, "running_mean": "running_mean", "running_variance": "running_var", "count": "num_batches_tracked"},
    modes={
        "train": "with Context(TRAINING=1): layer(x)",
        "evaluate": "layer(x)",
        "freeze": "with Context(TRAINING=0): layer(x), inside a training step",
        "observe": "with Context(TRAINING=1): layer(x), whose result is not used",
    },
    attributes=c.attributes("eps", "track_running_stats", "momentum", affine="affine"),
    read=read,
    write=write,
)
