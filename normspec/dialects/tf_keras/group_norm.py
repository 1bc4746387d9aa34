"""Keras 2's group normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import BORN, COMMON, ONE_MODE, PARAMETERS, TRAINED, attributes, channel_axis
from normspec.dialects.keras.group_norm import DEFAULTS, write
from normspec.dialects.tf_keras.common import DOCS, OF_EVERY_LAYER
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], situation: Situation) -> GroupNorm:
    """Give what GroupNormalization means here: computed in the compute dtype, and with no promise of what groups=-1 would be."""
    if a["groups"] == -1:
        raise Unsupported("groups can be in the range from 1 to the number of channels, which is instance normalization, got -1")
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=channel_axis(a["axis"], situation),
        groups=a["groups"],
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["epsilon"],
        scale=a["scale"],
        shift=a["center"],
        statistics_dtype="input",
        **COMMON,
    )


ENTRIES = (
    Entry(
        native="tf_keras.layers.GroupNormalization",
        layer="group_norm",
        variant="",
        versions=">=2.21",
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
