"""TensorFlow's batch normalization: `fused_batch_norm`, and `batch_normalization` over moments of the batch."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, Name
from normspec.dialects.tensorflow.common import COMMON, DOCS, PARAMETERS, of_moments, over, over_moments, written
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.layers.axes import others, resolve
from normspec.records import Situation

FORMATS = {(4, False): "NCHW", (4, True): "NHWC", (5, False): "NCDHW", (5, True): "NDHWC"}
"""`data_format` by rank and whether channels are last."""


def read_fused(a: Mapping[str, Any], situation: Situation) -> BatchNorm:
    """Give what fused_batch_norm means. `exponential_avg_factor` is the weight of the new observation; at 1 the mean must be None."""
    if situation.dtype == "float64" or situation.parameter_dtype != "float32":
        raise Unsupported(
            f"x must be float16, bfloat16 or float32, and scale float32, got {situation.dtype} and {situation.parameter_dtype}"
        )
    rank, layout = len(situation.shape), a["data_format"]
    if layout not in (FORMATS.get((rank, False)), FORMATS.get((rank, True))):
        raise Unsupported(f"data_format must be of the rank of x, {rank}, got {layout!r}")
    running = Running(
        rate=a["exponential_avg_factor"],
        start="initial",
        correction=1,
        initial_mean=0.0,
        initial_variance=1.0,
        state_dtype="parameter",
    )
    return BatchNorm(
        channel_axes=(layout.index("C"),),
        epsilon=a["epsilon"],
        train_with="batch",
        running=None if a["mean"] is None else running,
        scale=True,
        shift=True,
        statistics_dtype="widened",
        **COMMON,
    )


def write_fused(s: BatchNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of fused_batch_norm. The factor is told even where no rate is near: its default takes no running mean."""
    rank = len(situation.shape)
    last = resolve(s.channel_axes, rank, "channel_axes") == (rank - 1,)
    state = {"mean": s.running and Name("running_mean"), "variance": s.running and Name("running_variance")}
    factor = {} if s.running is None else {"exponential_avg_factor": s.running.rate}
    arrays = {"scale": Name("scale"), "offset": Name("shift"), **state}
    return {**arrays, "epsilon": s.epsilon, "data_format": FORMATS[rank, last], **factor}


def read(a: Mapping[str, Any], situation: Situation) -> BatchNorm:
    """Give what batch_normalization means where x's own moments are all there is: it keeps nothing."""
    axes, rank = over(a), len(situation.shape)
    kept = others(resolve(axes, rank, "axes"), rank)
    return BatchNorm(channel_axes=kept, train_with="batch", running=None, **of_moments(a, situation))


def write(s: BatchNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of batch_normalization."""
    rank = len(situation.shape)
    return written(s, others(resolve(s.channel_axes, rank, "channel_axes"), rank))


ENTRIES = (
    Entry(
        native="tf.compat.v1.nn.fused_batch_norm",
        layer="batch_norm",
        variant="",
        versions=">=2.21",
        source=f"{DOCS}compat/v1/nn/fused_batch_norm",
        ranks=range(4, 6),
        positional=("x", "scale", "offset", "mean", "variance", "epsilon", "data_format", "is_training", "name", "exponential_avg_factor"),
        defaults={"mean": None, "variance": None, "epsilon": 0.001, "data_format": "NHWC", "exponential_avg_factor": 1.0},
        free=("x", "is_training", "name"),
        names={**PARAMETERS, "running_mean": "mean", "running_variance": "variance"},
        modes={
            "train": "is_training=True",
            "evaluate": "is_training=False",
            "freeze": "is_training=False",
            "observe": "is_training=True, and y is not used",
        },
        read=read_fused,
        write=write_fused,
    ),
    over_moments("batch_norm", read, write),
)
