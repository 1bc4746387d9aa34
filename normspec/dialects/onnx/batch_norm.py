"""Batch normalization of ONNX."""

from typing import Any

from normspec.dialects.entry import complement, rate
from normspec.dialects.onnx import common as c
from normspec.layers import BatchNorm, Running
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> BatchNorm:
    """Give what BatchNormalization means: `momentum` is the weight of the old value, and the variance is the population's throughout."""
    new = complement(c.attribute(a["momentum"], situation))
    return BatchNorm(
        channel_axes=(1,),
        epsilon=c.attribute(a["epsilon"], situation),
        train_with="batch",
        running=Running(rate=new, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"),
        scale=True,
        shift=True,
        statistics_dtype="input",
        output_dtype="input",
        **c.STANDARDIZED,
    )


def write(s: BatchNorm, _: Situation) -> c.Arguments:
    """Give the nearest attributes of BatchNormalization."""
    new = rate(s.running)
    return {"epsilon": s.epsilon, **({} if new is None else {"momentum": complement(new)})}


DEFAULTS: dict[str, Any] = {"epsilon": 1e-5, "momentum": 0.9}

ENTRY = c.entry(
    "batch_norm",
    "BatchNormalization",
    15,
    ("X", "scale", "B", "input_mean", "input_var"),
    DEFAULTS,
    range(2, 65),
    read,
    write,
    free=("training_mode",),
    names={"scale": "scale", "shift": "B", "running_mean": "input_mean", "running_variance": "input_var"},
    modes={
        "train": "training_mode=1; running_mean and running_var are the second and third output",
        "evaluate": "training_mode=0",
        "freeze": "training_mode=0",
        "observe": "training_mode=1, whose first output is not used",
    },
    since=14,
)
