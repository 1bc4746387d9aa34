"""Batch norm of Equinox, whose `mode` decides with what it normalizes in training, and how it averages."""

from typing import Any

from normspec.dialects.entry import a_mode, complement, rate
from normspec.dialects.equinox import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> BatchNorm:
    """Give what BatchNorm means: the channels are the first axis of a sample. "legacy", the default, is "ema"."""
    if a["inference"]:
        raise a_mode("inference=True")
    if a["mode"] not in ("ema", "batch", "legacy"):
        raise Unsupported(f"mode must be 'ema' or 'batch', got {a['mode']!r}")
    new, batch = complement(a["momentum"]), a["mode"] == "batch"
    if not 0 < new < 1:
        raise Unsupported(f"momentum must be between 0 and 1 exclusive, got {a['momentum']}")
    return BatchNorm(
        channel_axes=(1,),
        epsilon=a["eps"],
        train_with="batch" if batch else "running",
        running=Running(
            rate=new,
            start="debiased" if batch else "first",
            correction=1 if batch else 0,
            initial_mean=0.0,
            initial_variance=1.0 if batch else 0.0,
            state_dtype="parameter",
        ),
        scale=a["channelwise_affine"],
        shift=a["channelwise_affine"],
        statistics_dtype="input",
        output_dtype="promoted_with_state",
        **c.STANDARDIZED,
    )


def write(s: BatchNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of BatchNorm."""
    new, told = rate(s.running), {"eps": s.epsilon, "channelwise_affine": s.scale or s.shift}
    momentum = {"momentum": complement(new)} if new is not None and 0 < new < 1 else {}  # 0 and 1 are refused: there the default stands
    mode = "batch" if s.train_with == "batch" else "ema"
    return {"input_size": situation.shape[1], "axis_name": "batch", **told, **momentum, "mode": mode}


DEFAULTS: dict[str, Any] = {"eps": 1e-5, "channelwise_affine": True, "momentum": 0.99, "inference": False, "mode": "legacy"}

ENTRY = c.entry(
    "batch_norm",
    "BatchNorm",
    DEFAULTS,
    ("input_size", "axis_name", "eps", "channelwise_affine", "momentum", "inference", "dtype", "mode"),
    ranks=range(2, 65),
    free=("axis_name", "dtype"),
    sizes={"input_size": int},
    names={**c.PARAMETERS, "running_mean": "mean", "running_variance": "var", "count": "counter"},
    modes={
        "train": 'jax.vmap(layer, (0, None), (0, None), "batch")(x, state)',
        "evaluate": "the same with equinox.nn.inference_mode(layer)",
        "freeze": "the same with inference=True in the call of this layer alone",
        "observe": "as in training; y is not used",
    },
    attributes=lambda module: {name: getattr(module, name) for name in ("input_size", *DEFAULTS)},
    read=read,
    write=write,
)
