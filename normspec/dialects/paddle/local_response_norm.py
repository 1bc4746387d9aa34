"""Local response norm of Paddle: the layer and the function."""

from dataclasses import replace
from typing import Any

from normspec.dialects.paddle import common as c
from normspec.dialects.torch import local_response_norm as of_torch
from normspec.layers import LocalResponseNorm
from normspec.records import Situation

TOLD = {"alpha": 1e-4, "beta": 0.75, "k": 1.0, "data_format": "NCHW"}


def read(a: c.Arguments, situation: Situation) -> LocalResponseNorm:
    """Give what either means: alpha times the mean of squares in the window, of which zeros beyond the edges are a part, as PyTorch's."""
    return replace(of_torch.read(a, situation), channel_axes=(c.channel_axis(a),))


def write(s: LocalResponseNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of either."""
    return {**of_torch.write(s, situation), **c.data_format(s, situation)}


def attributes(layer: Any) -> c.Arguments:
    """Give the arguments of a live layer."""
    return {name: getattr(layer, name) for name in ("size", *TOLD)}


LAYER = c.entry(
    "local_response_norm",
    "LocalResponseNorm",
    range(3, 6),
    TOLD,
    ("size", *TOLD, "name"),
    names={},
    attributes=attributes,
    read=read,
    write=write,
)
FUNCTION = c.function(
    "local_response_norm", "local_response_norm", range(3, 6), TOLD, ("size", *TOLD, "name"), names={}, read=read, write=write
)

ENTRIES = (LAYER, FUNCTION)
