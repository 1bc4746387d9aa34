"""Keras 2's batch renormalization: batch normalization that is told `renorm=True`, which its signature takes among the other keywords."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.batch_norm import ALONE, DEFAULTS, TRAINING, momentum
from normspec.dialects.keras.batch_renorm import CLIPPING, STATE, clipping, corrected
from normspec.dialects.keras.common import BORN, BORN_STATE, PARAMETERS, TRAINED, shared
from normspec.dialects.tf_keras import batch_norm
from normspec.dialects.tf_keras.batch_norm import GHOST
from normspec.dialects.tf_keras.common import OF_EVERY_LAYER, as_list
from normspec.errors import Unsupported
from normspec.layers import BatchRenorm
from normspec.records import Situation


def read(a: Mapping[str, Any], situation: Situation) -> BatchRenorm:
    """Give what BatchNormalization means with `renorm`: it is never fused, so that it observes the population's variance."""
    if a["fused"]:
        raise Unsupported("fused=True with renorm=True is not supported")
    return corrected(batch_norm.read({**a, **ALONE, "fused": False}, situation), a)


def write(s: BatchRenorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of BatchNormalization."""
    return {"axis": as_list(s.channel_axes or (-1,)), **momentum(s), **shared(s), **clipping(s)}


ENTRIES = (
    Entry(
        native="tf_keras.layers.BatchNormalization",
        layer="batch_renorm",
        variant="",
        versions=">=2.21",
        source="https://www.tensorflow.org/versions/r2.14/api_docs/python/tf/compat/v1/keras/layers/BatchNormalization",
        ranks=range(1, 65),
        positional=(*DEFAULTS, *BORN, *BORN_STATE, *TRAINED, "synchronized"),
        defaults={**DEFAULTS, **CLIPPING, "fused": None},
        fixed={**BORN, **BORN_STATE, **GHOST, **ALONE},
        free=(*TRAINED, *OF_EVERY_LAYER),
        needed=("renorm",),
        names={**PARAMETERS, **STATE},
        modes=TRAINING,
        attributes=batch_norm.of_live,
        read=read,
        write=write,
    ),
)
