"""Batch norm of Haiku, whose running statistics are the averages of "the Adam debiasing procedure"."""

from typing import Any

from normspec.dialects.entry import complement, of_one_dtype, rate
from normspec.dialects.haiku import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.layers.axes import others, resolve
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> BatchNorm:
    """Give what BatchNorm means. `decay_rate` is the weight of the old value; `axis`, where it is given, has the axes of the statistics."""
    of_one_dtype(situation)
    rank = len(situation.shape)
    kept = (c.channels(a),) if a["axis"] is None else others(resolve(c.axes(a["axis"], rank), rank, "axis"), rank)
    new = complement(a["decay_rate"])
    if not 0 < new <= 1:
        raise Unsupported(f"decay_rate must be at least 0 and less than 1, got {a['decay_rate']}")
    running = Running(rate=new, start="debiased", correction=0, initial_mean=0.0, initial_variance=0.0, state_dtype="parameter")
    return BatchNorm(
        channel_axes=kept,
        epsilon=a["eps"],
        variance="one_pass",
        train_with="batch",
        running=running,
        scale=a["create_scale"],
        shift=a["create_offset"],
        **c.STANDARDIZED,
    )


def write(s: BatchNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of BatchNorm."""
    rank, new = len(situation.shape), rate(s.running)
    kept = resolve(s.channel_axes, rank, "channel_axes")
    formatted = len(kept) == 1 and kept[0] in (1, rank - 1)
    where = {"data_format": c.data_format(kept[0], rank)} if formatted else {"axis": others(kept, rank)}
    return {"create_scale": s.scale, "create_offset": s.shift, "decay_rate": complement(new or 1.0), "eps": s.epsilon, **where}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "axis": None, "data_format": "channels_last"}

ENTRY = c.entry(
    "batch_norm",
    "BatchNorm",
    DEFAULTS,
    ("create_scale", "create_offset", "decay_rate", "eps", "scale_init", "offset_init", "axis"),
    fixed={**c.BORN, "cross_replica_axis": None, "cross_replica_axis_index_groups": None},
    names={
        **c.PARAMETERS,
        "running_mean": "mean_ema/average",
        "running_variance": "var_ema/average",
        "count": "mean_ema/counter",
    },
    lie="broadcast",
    modes={
        "train": "layer(x, is_training=True)",
        "evaluate": "layer(x, is_training=False)",
        "freeze": "layer(x, is_training=False)",
        "observe": "layer(x, is_training=True), whose result is not used",
    },
    read=read,
    write=write,
)
