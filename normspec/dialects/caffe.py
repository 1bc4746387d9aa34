"""Caffe: what its documentation promises, of version 1.0, read on 2026-11-22. It is translated from and to, and not driven.

Sources: the pages named on each entry, and `src/caffe/proto/caffe.proto`. Where they are silent, `src/caffe/layers/`:

- batch norm keeps sums, `S = fraction S + s`, of the batches' means and of their variances (times m / (m - 1), for m values), and `c =
  fraction c + 1`, as three blobs; what is used is S / c. That is a mean whose weights add up to 1, of the sample's variance. It has no
  scale and no shift: those are a Scale layer's.
- local response norm refuses windows of even length; MVN adds eps to the deviation.
"""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, complement
from normspec.dialects.torch.local_response_norm import alpha, coefficient
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, LocalResponseNorm, MeanVarianceNorm, Running
from normspec.records import Situation

DOCS = "https://caffe.berkeleyvision.org/tutorial/layers/"
ACROSS_CHANNELS = 0
"""What `norm_region` is by default: LRNParameter.ACROSS_CHANNELS."""


def read_batch_norm(a: Mapping[str, Any], _: Situation) -> BatchNorm:
    """Give what BatchNorm means: `moving_average_fraction` is the weight of the old sums."""
    new = complement(a["moving_average_fraction"])
    return BatchNorm(
        channel_axes=(1,),
        epsilon=a["eps"],
        epsilon_place="inside",
        correction=0,
        variance="two_pass",
        train_with="batch",
        running=Running(rate=new, start="debiased", correction=1, initial_mean=0.0, initial_variance=0.0, state_dtype="parameter"),
        scale=False,
        shift=False,
        statistics_dtype="input",
        output_dtype="input",
        one_value="shift",
    )


def write_batch_norm(s: BatchNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest parameters of BatchNorm."""
    return {**({} if s.running is None else {"moving_average_fraction": complement(s.running.rate)}), "eps": s.epsilon}


def read_local_response_norm(a: Mapping[str, Any], _: Situation) -> LocalResponseNorm:
    """Give what LRN means: alpha is divided by the window's length, which must be odd."""
    size = a["local_size"]
    if size % 2 == 0:
        raise Unsupported(f"local_size must be odd, got {size}")
    return LocalResponseNorm(
        channel_axes=(1,),
        before=size // 2,
        after=size // 2,
        coefficient=coefficient(a["alpha"], size),
        exponent=a["beta"],
        bias=a["k"],
        edges="zeros",
        statistics_dtype="input",
    )


def write_local_response_norm(s: LocalResponseNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest parameters of LRN, whose window has the value in its middle."""
    size = 2 * s.before + 1
    return {"local_size": size, "alpha": alpha(s.coefficient, size), "beta": s.exponent, "k": s.bias}


def read_mean_variance_norm(a: Mapping[str, Any], situation: Situation) -> MeanVarianceNorm:
    """Give what MVN means: every channel of a sample alone, or with `across_channels` all of them together."""
    divide = a["normalize_variance"]
    return MeanVarianceNorm(
        axes=tuple(range(1 if a["across_channels"] else 2, len(situation.shape))),
        divide=divide,
        epsilon=a["eps"] if divide else 0.0,
        epsilon_place="outside" if divide and a["eps"] > 0 else "inside",
        correction=0,
        variance="two_pass",
        statistics_dtype="input",
    )


def write_mean_variance_norm(s: MeanVarianceNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest parameters of MVN."""
    axes = s.at_rank(len(situation.shape)).axes
    return {"normalize_variance": s.divide, "across_channels": 1 in axes, **({"eps": s.epsilon} if s.divide else {})}


def _entry(layer: str, name: str, page: str, defaults: Mapping[str, Any], ranks: range, read: Any, write: Any, **more: Any) -> Entry:
    told = {"names": {}, "modes": dict.fromkeys(("train", "evaluate", "freeze"), f"{name}(x)"), **more}
    native = f"caffe.layers.{name}"
    source = f"{DOCS}{page}.html"
    return Entry(
        native=native,
        layer=layer,
        variant="",
        versions=">=1.0",
        source=source,
        ranks=ranks,
        positional=("bottom",),
        defaults=defaults,
        read=read,
        write=write,
        **{**told, "free": ("bottom", *more.get("free", ()))},
    )


ENTRIES = (
    _entry(
        "batch_norm",
        "BatchNorm",
        "batchnorm",
        {"moving_average_fraction": 0.999, "eps": 1e-5},
        range(2, 65),
        read_batch_norm,
        write_batch_norm,
        free=("use_global_stats",),
        names={"running_mean": "mean", "running_variance": "variance", "count": "count"},
        modes={
            "train": "use_global_stats: false, as in phase TRAIN by default",
            "evaluate": "use_global_stats: true, as in phase TEST by default",
            "freeze": "use_global_stats: true",
            "observe": "use_global_stats: false, whose top is not used",
        },
    ),
    _entry(
        "local_response_norm",
        "LRN",
        "lrn",
        {"local_size": 5, "alpha": 1.0, "beta": 0.75, "k": 1.0},
        range(4, 5),
        read_local_response_norm,
        write_local_response_norm,
        fixed={"norm_region": ACROSS_CHANNELS},
    ),
    _entry(
        "mean_variance_norm",
        "MVN",
        "mvn",
        {"normalize_variance": True, "across_channels": False, "eps": 1e-9},
        range(4, 5),
        read_mean_variance_norm,
        write_mean_variance_norm,
    ),
)
