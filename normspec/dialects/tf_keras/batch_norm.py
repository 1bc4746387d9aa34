"""Keras 2's batch normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, complement
from normspec.dialects.keras.batch_norm import (
    ALONE,
    DEFAULTS,
    OF_RENORM,
    STATE,
    TRAINING,
    exchanged,
    momentum,
    refuse_alone,
    refuse_frozen,
    together,
)
from normspec.dialects.keras.common import BORN, BORN_STATE, COMMON, PARAMETERS, TRAINED, as_tuple, attributes, shared
from normspec.dialects.tf_keras.common import DOCS, OF_EVERY_LAYER, as_list
from normspec.dtypes import FLOATS
from normspec.errors import Unsupported
from normspec.layers import BatchNorm, Running
from normspec.layers.axes import resolve
from normspec.records import Situation

FUSED_AXES = {4: (1, 3), 5: (1, 4)}
"""Where the channel axis is where batch norm is fused, by rank."""
GHOST: dict[str, Any] = {"virtual_batch_size": None, "adjustment": None}


def _can_be_fused(axes: tuple[int, ...], situation: Situation) -> bool:
    rank = len(situation.shape)
    one = len(axes) == 1 and resolve(axes, rank, "axis")[0] in FUSED_AXES.get(rank, ())
    return one and situation.dtype != "float64"


def read(a: Mapping[str, Any], situation: Situation) -> BatchNorm:
    """Give what BatchNormalization means here: whether it is fused decides whose variance it observes."""
    refuse_frozen(a)
    refuse_alone(a, situation)
    if FLOATS[situation.parameter_dtype].bits < FLOATS["float32"].bits:
        raise Unsupported(f"parameters of 16-bit batch norm are raised to float32: none are {situation.parameter_dtype}")
    axes = as_tuple(a["axis"])
    if a["fused"] and a["synchronized"]:
        raise Unsupported("fused=True is not supported when synchronized=True")
    can = not a["synchronized"] and _can_be_fused(axes, situation)
    if a["fused"] and not can:
        raise Unsupported("fused=True is only supported at rank 4 with axis 1 or 3 and at rank 5 with axis 1 or 4, and not in float64")
    return BatchNorm(
        channel_axes=axes,
        epsilon=a["epsilon"],
        train_with="batch",
        running=Running(
            rate=complement(a["momentum"]),
            start="initial",
            correction=1 if can and a["fused"] is not False else 0,
            initial_mean=0.0,
            initial_variance=1.0,
            state_dtype="parameter",
        ),
        scale=a["scale"],
        shift=a["center"],
        statistics_dtype="widened",
        **{**COMMON, **exchanged(situation)},
    )


def write(s: BatchNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of BatchNormalization: not fused where the population's variance is to be observed."""
    running = {}
    if s.running is not None:
        plain = s.running.correction or situation.shards or not _can_be_fused(s.channel_axes, situation)
        fused = None if plain else False
        running = {**momentum(s), "fused": fused}
    return {"axis": as_list(s.channel_axes or (-1,)), **running, **shared(s), **together(situation)}


def of_live(layer: Any) -> Mapping[str, Any]:
    """Give the arguments of a live layer, which has those of batch renormalization only where it is that."""
    own = attributes(*DEFAULTS, *BORN, *BORN_STATE, *GHOST, "fused", "renorm", "synchronized")
    return {**own(layer), **(attributes(*OF_RENORM)(layer) if layer.renorm else {})}


ENTRIES = (
    Entry(
        native="tf_keras.layers.BatchNormalization",
        layer="batch_norm",
        variant="",
        versions=">=2.21",
        source=f"{DOCS}batch_normalization/",
        ranks=range(1, 65),
        positional=(*DEFAULTS, *BORN, *BORN_STATE, *TRAINED, "synchronized"),
        defaults={**DEFAULTS, **ALONE, "fused": None},
        fixed={**BORN, **BORN_STATE, **GHOST, "renorm": False},
        free=(*TRAINED, *OF_RENORM, *OF_EVERY_LAYER),
        of_shards=tuple(ALONE),
        names={**PARAMETERS, **STATE},
        modes=TRAINING,
        attributes=of_live,
        read=read,
        write=write,
    ),
)
