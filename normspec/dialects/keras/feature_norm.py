"""Keras' feature normalization: the layer `Normalization`, whose moments are given to it, or observed by `adapt()`."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, Name
from normspec.dialects.keras.common import EPSILON, OF_EVERY_LAYER, ONE_MODE, as_tuple, as_written
from normspec.errors import Unsupported
from normspec.layers import FeatureNorm
from normspec.records import Situation

DEFAULTS = {"axis": -1, "mean": None, "variance": None, "invert": False}
NAMES = {"mean": "mean", "variance": "variance", "count": "count"}
"""Those of the weights, and of the arguments."""


def read(a: Mapping[str, Any], _: Situation) -> FeatureNorm:
    """Give what Normalization means: `(input - mean) / sqrt(var)`, or "the inverse transformation"; axis=None is no axis of features."""
    given = [name for name in ("mean", "variance") if a[name] is not None]
    if len(given) == 1:
        raise Unsupported(f'"`mean` and `variance` must be specified together", got {given[0]} alone')
    return FeatureNorm(
        channel_axes=() if a["axis"] is None else as_tuple(a["axis"]),
        observes=not given,
        invert=a["invert"],
        epsilon=EPSILON,
        epsilon_place="floor",
        zero_variance="divisor",
        correction=0,
        statistics_dtype="input",
    )


def write(s: FeatureNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of Normalization."""
    given = {} if s.observes else {"mean": Name("mean"), "variance": Name("variance")}
    return {"axis": as_written(s.channel_axes) if s.channel_axes else None, **given, "invert": s.invert}


def attributes(layer: Any) -> Mapping[str, Any]:
    """Give the arguments of a live layer; moments that it was given stand as their names."""
    moments = {"mean": layer.input_mean, "variance": layer.input_variance}
    given = {name: None if a is None else Name(name) for name, a in moments.items()}
    return {"axis": layer.axis or None, **given, "invert": layer.invert}


ENTRIES = (
    Entry(
        native="keras.layers.Normalization",
        layer="feature_norm",
        variant="",
        versions=">=3.15",
        source="https://keras.io/api/layers/preprocessing_layers/numerical/normalization/",
        ranks=range(1, 65),
        positional=tuple(DEFAULTS),
        defaults=DEFAULTS,
        free=OF_EVERY_LAYER,
        names=NAMES,
        modes={**ONE_MODE, "observe": "layer.adapt(x); after further batches, layer.adapt([x, ...]) with all of them"},
        attributes=attributes,
        read=read,
        write=write,
    ),
)
