"""Batch norm of MindSpore: BatchNorm1d, 2d and 3d."""

from typing import Any

from normspec.dialects.entry import Entry, a_mode, complement, rate
from normspec.dialects.mindspore import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation

STATE = {"running_mean": "moving_mean", "running_variance": "moving_variance"}


def read(a: c.Arguments, situation: Situation) -> BatchNorm:
    """Give what each means: "moving_mean*momentum + mu*(1-momentum)", mu being the mean of the batch; likewise the variance."""
    c.of_dtype(situation, *c.NARROW)
    if not 0 < a["eps"] <= 1:
        raise Unsupported(f"eps must be above 0 and at most 1, got {a['eps']}")
    if not 0 <= a["momentum"] <= 1:
        raise Unsupported(f"momentum must be in range [0, 1], got {a['momentum']}")
    if a["use_batch_statistics"] is not None:
        raise _mode_of(a["use_batch_statistics"])
    return BatchNorm(
        channel_axes=(1,),
        epsilon=a["eps"],
        train_with="batch",
        running=Running(
            rate=complement(a["momentum"]), start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"
        ),
        scale=a["affine"],
        shift=a["affine"],
        **c.COMMON,
    )


def _mode_of(use_batch_statistics: Any) -> Unsupported:
    if not use_batch_statistics:
        return a_mode(f"use_batch_statistics={use_batch_statistics!r}")
    return Unsupported("use_batch_statistics=True takes the statistics of x in evaluation, too, and keeps others: no point here has that")


def write(s: BatchNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of each."""
    new = rate(s.running)
    momentum = {} if new is None else {"momentum": complement(new)}
    return {"num_features": situation.shape[1], "eps": s.epsilon, **momentum, "affine": s.scale or s.shift}


def attributes(layer: Any) -> c.Arguments:
    """Give the arguments of a live layer; that of three dimensions is made of one of two."""
    inner = getattr(layer, "bn2d", layer)
    found = c.attributes("num_features", "eps", "use_batch_statistics", affine=True)(inner)
    return {**found, "momentum": complement(float(f"{inner.momentum:.12g}"))}  # what is kept is 1 - momentum


def _layer(dimensions: int, ranks: range, inner: str = "") -> Entry:
    told = {"eps": 1e-5, "momentum": 0.9, "affine": True}
    born = {**c.BORN, "moving_mean_init": "zeros", "moving_var_init": "ones"}
    formats = {} if inner else {"data_format": "NCHW"}
    return c.entry(
        "batch_norm",
        f"nn.BatchNorm{dimensions}d",
        {**told, "use_batch_statistics": None},
        fixed={**born, **formats},
        free=("dtype",),
        positional=("num_features", *told, *born, "use_batch_statistics", *formats, "dtype"),
        ranks=ranks,
        sizes={"num_features": int},
        names={ours: f"{inner}{theirs}" for ours, theirs in {**c.PARAMETERS, **STATE}.items()},
        modes=c.MODULE_MODES,
        attributes=attributes,
        read=read,
        write=write,
    )


ENTRIES = (_layer(1, range(2, 4)), _layer(2, range(4, 5)), _layer(3, range(5, 6), "bn2d."))
