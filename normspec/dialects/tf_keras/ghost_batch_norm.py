"""Keras 2's ghost batch normalization: batch normalization that is told `virtual_batch_size`, among the other keywords."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.batch_norm import ALONE, DEFAULTS, OF_RENORM, STATE, TRAINING, momentum
from normspec.dialects.keras.common import BORN, BORN_STATE, PARAMETERS, TRAINED, shared
from normspec.dialects.tf_keras import batch_norm
from normspec.dialects.tf_keras.common import OF_EVERY_LAYER, as_list
from normspec.errors import Unsupported
from normspec.layers import GhostBatchNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], situation: Situation) -> GhostBatchNorm:
    """Give what BatchNormalization means here: "virtual sub-batches which are each normalized separately", and "shared" statistics."""
    if a["virtual_batch_size"] is None:
        raise Unsupported("virtual_batch_size must be given, got None: it is batch_norm")
    if a["fused"]:
        raise Unsupported("fused=True with virtual_batch_size is not supported")
    plain = batch_norm.read({**a, **ALONE, "fused": False}, situation)
    same = {field.name: getattr(plain, field.name) for field in fields(plain) if field.name != "train_with"}
    return GhostBatchNorm(ghost_size=a["virtual_batch_size"], grouping="interleaved", observed="mean", **same)


def write(s: GhostBatchNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of BatchNormalization."""
    running = {} if s.running is None else momentum(s)
    return {"axis": as_list(s.channel_axes or (-1,)), "virtual_batch_size": s.ghost_size, **running, **shared(s)}


ENTRIES = (
    Entry(
        native="tf_keras.layers.BatchNormalization",
        layer="ghost_batch_norm",
        variant="",
        versions=">=2.21",
        source="https://www.tensorflow.org/versions/r2.14/api_docs/python/tf/compat/v1/keras/layers/BatchNormalization",
        ranks=range(2, 64),
        positional=(*DEFAULTS, *BORN, *BORN_STATE, *TRAINED, "synchronized"),
        defaults={**DEFAULTS, "fused": None},
        fixed={**BORN, **BORN_STATE, "adjustment": None, "renorm": False, **ALONE},
        free=(*TRAINED, *OF_RENORM, *OF_EVERY_LAYER),
        needed=("virtual_batch_size",),
        names={**PARAMETERS, **STATE},
        modes=TRAINING,
        lie="broadcast",
        attributes=batch_norm.of_live,
        read=read,
        write=write,
    ),
)
