"""Batch norm of Flax."""

from dataclasses import replace
from typing import Any

from normspec.dialects.entry import a_mode, complement, rate
from normspec.dialects.flax import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> BatchNorm:
    """Give what BatchNorm means. `momentum` is the weight of the old value, a "decay rate for the exponential moving average"."""
    if not isinstance(a["axis"], int):
        raise Unsupported(f"axis must be one axis, got {a['axis']!r}")
    if a.get("use_running_average") is True:
        raise a_mode("use_running_average=True")
    running = Running(
        rate=complement(a["momentum"]),
        start="initial",
        correction=0,
        initial_mean=0.0,
        initial_variance=1.0,
        state_dtype="float32" if a.get("force_float32_reductions", True) else "parameter",
    )
    return BatchNorm(
        channel_axes=c.axes_of(a["axis"]),
        epsilon=a["epsilon"],
        train_with="batch",
        running=running,
        scale=a["use_scale"],
        shift=a["use_bias"],
        **c.precision(a),
        **c.STANDARDIZED,
    )


def read_nnx(a: c.Arguments, situation: Situation) -> BatchNorm:
    """Give what BatchNorm of nnx means, whose float32 statistics have a say in the dtype of y."""
    return replace(read(a, situation), output_dtype="promoted_with_state")


def write(s: BatchNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of linen's BatchNorm."""
    new = rate(s.running)
    momentum = {} if new is None else {"momentum": complement(new)}
    return {"axis": s.channel_axes[0] if len(s.channel_axes) == 1 else -1, **momentum, **c.affine(s)}


DEFAULTS: dict[str, Any] = {"axis": -1, "momentum": 0.99, "epsilon": 1e-5, **c.AFFINE}
NAMES = {**c.PARAMETERS, "running_mean": "mean", "running_variance": "var"}

NNX = c.nnx(
    "batch_norm",
    "BatchNorm",
    DEFAULTS,
    free=(*c.FREE, *c.OF_NNX, "use_running_average"),
    names=NAMES,
    modes={
        "train": "layer.train(); layer(x), or layer(x, use_running_average=False)",
        "evaluate": "layer.eval(); layer(x), or layer(x, use_running_average=True)",
        "freeze": "layer(x, use_running_average=True)",
    },
    read=read_nnx,
    write=c.of_nnx(write),
)
LINEN = c.linen(
    "batch_norm",
    "BatchNorm",
    {**DEFAULTS, **c.REDUCTIONS},
    positional=("use_running_average", "axis", "momentum", "epsilon", "dtype", "param_dtype", "use_bias", "use_scale"),
    free=(*c.FREE, *c.OF_LINEN, "use_running_average"),
    names=NAMES,
    modes={
        "train": "y, updates = layer.apply(variables, x, use_running_average=False, mutable=['batch_stats'])",
        "evaluate": "layer.apply(variables, x, use_running_average=True)",
        "freeze": "layer.apply(variables, x, use_running_average=True)",
    },
    read=read,
    write=write,
)
