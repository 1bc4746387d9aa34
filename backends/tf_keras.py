"""Keras 2's own layers (tf_keras). Gradients are tf.GradientTape's."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # its SpectralNormalization reaches for tf.keras, which is Keras 3's without this

import tensorflow as tf  # type: ignore[import-untyped]  # it comes without types
import tf_keras  # type: ignore[import-untyped]  # likewise

from normspec.backends import mirrored
from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.keras_adapted import accumulate
from normspec.backends.keras_eager import drives
from normspec.backends.keras_library import Library
from normspec.backends.tape import asarray, asnumpy, tangents, taped
from normspec.dialects.entry import native
from normspec.dialects.tf_keras import ENTRIES
from normspec.errors import NotFound
from normspec.records import Implementation, Layer, Situation

LIBRARY = Library(tf_keras.layers.Layer, tf.reshape, tf.identity, lambda variable: variable, accumulate, tangents)
DRIVES: dict[str, Callable[..., Layer]] = {**drives(LIBRARY, taped), "batch_norm": partial(mirrored.build, LIBRARY)}


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `tf_keras`, or what drives drop-ins as it drives its layers."""
    if variant:
        raise NotFound(f"tf_keras has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Layer:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        drive = DRIVES.get(spec.layer, DRIVES[""])
        return drive(maker(entry, instead), entry, arguments, spec, situation)

    return Implementation(
        name="tf_keras",
        version=tf_keras.__version__,
        build=build,
        asarray=asarray,
        asnumpy=asnumpy,
        inputs=("x", "mask"),
        shards="any",
    )
