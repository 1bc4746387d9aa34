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
OF_RENORM = ("renorm_clipping", "renorm_momentum")
"""They say nothing where `renorm` is False."""


def read(a: Mapping[str, Any], _: Situation) -> BatchNorm:
    """Give what BatchNormalization means: `moving_var * momentum + var(batch) * (1 - momentum)`, and the same var(batch) in y."""
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
        **COMMON,
    )


def write(s: BatchNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of BatchNormalization, which has one axis."""
    return {"axis": s.channel_axes[0] if len(s.channel_axes) == 1 else -1, **momentum(s), **shared(s)}


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
        defaults=DEFAULTS,
        fixed={**BORN, **BORN_STATE, "renorm": False, "synchronized": False},
        free=(*TRAINED, *OF_RENORM, *OF_EVERY_LAYER),
        names={**PARAMETERS, **STATE},
        modes=TRAINING,
        attributes=attributes(*DEFAULTS, *BORN, *BORN_STATE, "renorm", *OF_RENORM, "synchronized"),
        read=read,
        write=write,
    ),
)
