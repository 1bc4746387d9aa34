"""Keras' instance normalization: group normalization with `groups=-1`, as many groups as there are channels."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import (
    BORN,
    COMMON,
    DOCS,
    OF_EVERY_LAYER,
    ONE_MODE,
    PARAMETERS,
    TRAINED,
    attributes,
    channel_axis,
    shared,
)
from normspec.dialects.keras.group_norm import DEFAULTS as OF_GROUPS
from normspec.errors import Unsupported
from normspec.layers import InstanceNorm
from normspec.records import Situation

DEFAULTS = {name: value for name, value in OF_GROUPS.items() if name != "groups"}
"""`groups` must be given, for its default is no instance norm."""


def read(a: Mapping[str, Any], situation: Situation) -> InstanceNorm:
    """Give what GroupNormalization means with groups=-1: "identical to Instance Normalization. You can achieve this via `groups=-1`"."""
    if a["groups"] != -1:
        raise Unsupported(f"groups must be -1, as many as there are channels, got {a['groups']!r}: it is group_norm")
    return InstanceNorm(
        batch_axes=(0,),
        channel_axes=channel_axis(a["axis"], situation),
        running=None,
        epsilon=a["epsilon"],
        scale=a["scale"],
        shift=a["center"],
        statistics_dtype="widened",
        **COMMON,
    )


def write(s: InstanceNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of GroupNormalization, which has one axis of channels."""
    return {"groups": -1, "axis": s.channel_axes[0] if len(s.channel_axes) == 1 else -1, **shared(s)}


ENTRIES = (
    Entry(
        native="keras.layers.GroupNormalization",
        layer="instance_norm",
        variant="",
        versions=">=3.15",
        source=f"{DOCS}group_normalization/",
        ranks=range(2, 65),
        positional=("groups", *DEFAULTS, *BORN, *TRAINED),
        defaults=DEFAULTS,
        fixed=BORN,
        free=(*TRAINED, *OF_EVERY_LAYER),
        names=PARAMETERS,
        modes=ONE_MODE,
        attributes=attributes("groups", *DEFAULTS, *BORN),
        read=read,
        write=write,
    ),
)
