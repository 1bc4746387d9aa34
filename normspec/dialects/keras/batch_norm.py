"""Keras' batch normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, a_mode, complement, rate
from normspec.dialects.keras.common import BORN, BORN_STATE, COMMON, DOCS, OF_EVERY_LAYER, PARAMETERS, TRAINED, attributes, shared
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.records import Situation

STATE = {"running_mean": "moving_mean", "running_variance": "moving_variance"}
TRAINING = {
    "train": "layer(x, training=True)",
    "evaluate": "layer(x, training=False)",
    "freeze": "layer.trainable = False; layer(x, training=True)",
    "observe": "layer(x, training=True), whose result is not used",
}
DEFAULTS = {"axis": -1, "momentum": 0.99, "epsilon": 1e-3, "center": True, "scale": True}
ALONE: dict[str, Any] = {"synchronized": False}
"""By default each replica has statistics of its own."""
OF_RENORM = ("renorm_clipping", "renorm_momentum")
"""They say nothing where `renorm` is False."""


def read(a: Mapping[str, Any], situation: Situation) -> BatchNorm:
    """Give what BatchNormalization means: `moving_var * momentum + var(batch) * (1 - momentum)`, and the same var(batch) in y."""
    refuse_alone(a, situation)
    if not isinstance(a["axis"], int):
        raise Unsupported(f"axis must be one axis, got {a['axis']!r}")
    refuse_frozen(a)
    return BatchNorm(
        channel_axes=(a["axis"],),
        epsilon=a["epsilon"],
        train_with="batch",
        running=Running(
            rate=complement(a["momentum"]), start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"
        ),
        scale=a["scale"],
        shift=a["center"],
        statistics_dtype="widened",
        **{**COMMON, **exchanged(situation)},
    )


def write(s: BatchNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of BatchNormalization, which has one axis."""
    return {"axis": s.channel_axes[0] if len(s.channel_axes) == 1 else -1, **momentum(s), **shared(s), **together(situation)}


def together(situation: Situation) -> dict[str, bool]:
    """Give the argument by which the replicas take their statistics together, where x is in shards."""
    return {"synchronized": True} if situation.shards else {}


def exchanged(situation: Situation) -> dict[str, str]:
    """Give what is otherwise where replicas take their statistics together: they exchange the sums of x and of its squares."""
    return {"variance": "one_pass"} if situation.shards else {}


def refuse_alone(a: Mapping[str, Any], situation: Situation) -> None:
    """Refuse shards of x where nothing synchronizes their statistics.

    Raises
    ------
    Unsupported
        Where there are any; on one device `synchronized` "has no impact".
    """
    if situation.shards and not a["synchronized"]:
        raise Unsupported("synchronized must be True where x is in shards, got False: each replica has statistics of its own")


def refuse_frozen(a: Mapping[str, Any]) -> None:
    """Refuse batch norm that is made with trainable=False: `layer.trainable` of "False" makes "the layer run in inference mode"."""
    if not a.get("trainable", True):
        raise a_mode(f"trainable={a['trainable']!r}")


def momentum(s: Any) -> dict[str, float]:
    """Give the weight of the old value as `momentum`, where there is one."""
    new = rate(s.running)
    return {} if new is None else {"momentum": complement(new)}


ENTRIES = (
    Entry(
        native="keras.layers.BatchNormalization",
        layer="batch_norm",
        variant="",
        versions=">=3.15",
        source=f"{DOCS}batch_normalization/",
        ranks=range(1, 65),
        positional=(*DEFAULTS, *BORN, *BORN_STATE, *TRAINED, "renorm", *OF_RENORM, "synchronized"),
        defaults={**DEFAULTS, **ALONE},
        fixed={**BORN, **BORN_STATE, "renorm": False},
        free=(*TRAINED, *OF_RENORM, *OF_EVERY_LAYER),
        of_shards=tuple(ALONE),
        names={**PARAMETERS, **STATE},
        modes=TRAINING,
        attributes=attributes(*DEFAULTS, *BORN, *BORN_STATE, "renorm", *OF_RENORM, "synchronized"),
        read=read,
        write=write,
    ),
)
