"""Keras' group normalization."""

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
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation

DEFAULTS = {"groups": 32, "axis": -1, "epsilon": 1e-3, "center": True, "scale": True}


def read(a: Mapping[str, Any], situation: Situation) -> GroupNorm:
    """Give what GroupNormalization means: it "divides the channels into groups and computes within each group the mean and variance"."""
    if a["groups"] == -1:
        raise Unsupported('groups=-1 is as many groups as there are channels, "identical to Instance Normalization": it is instance_norm')
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=channel_axis(a["axis"], situation),
        groups=a["groups"],
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["epsilon"],
        scale=a["scale"],
        shift=a["center"],
        statistics_dtype="widened",
        **COMMON,
    )


def write(s: GroupNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of GroupNormalization."""
    return {"groups": s.groups, "axis": s.channel_axes[0], **shared(s)}


ENTRIES = (
    Entry(
        native="keras.layers.GroupNormalization",
        layer="group_norm",
        variant="",
        versions=">=3.15",
        source=f"{DOCS}group_normalization/",
        ranks=range(2, 65),
        positional=(*DEFAULTS, *BORN, *TRAINED),
        defaults=DEFAULTS,
        fixed=BORN,
        free=(*TRAINED, *OF_EVERY_LAYER),
        names=PARAMETERS,
        modes=ONE_MODE,
        attributes=attributes(*DEFAULTS, *BORN),
        read=read,
        write=write,
    ),
)
