"""Batch normalization of OpenVINO: with the mean and the variance that it is given."""

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.openvino import common as c
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> BatchNorm:
    """Give what batch_norm_inference means: running statistics are inputs, which no step moves."""
    of_one_dtype(situation)
    if a["epsilon"] < 0:
        raise Unsupported(f"epsilon must not be negative, got {a['epsilon']}")
    return BatchNorm(
        channel_axes=(1,),
        epsilon=a["epsilon"],
        train_with="running",
        running=Running(rate=0.0, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"),
        **c.SCALED,
    )


def write(s: BatchNorm, _: Situation) -> c.Arguments:
    """Give the nearest argument of batch_norm_inference."""
    return {"epsilon": s.epsilon}


ENTRY = c.entry(
    "batch_norm",
    "batch_norm_inference",
    5,
    "batch-norm-inference-5",
    ("data", "gamma", "beta", "mean", "variance"),
    ("epsilon",),
    since=1,
    ranks=range(2, 65),
    names={"scale": "gamma", "shift": "beta", "running_mean": "mean", "running_variance": "variance"},
    modes=dict.fromkeys(("evaluate", "freeze"), "openvino.opset5.batch_norm_inference(x, gamma, beta, mean, variance, epsilon)"),
    read=read,
    write=write,
)
