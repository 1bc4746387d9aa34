"""Layer norm of Paddle: the layer and the function, whose parameters have one axis however many axes they lie along."""

from typing import Any

from normspec.dialects.paddle import common as c
from normspec.errors import Unsupported
from normspec.layers import LayerNorm
from normspec.records import Situation


def _meaning(a: c.Arguments, situation: Situation, *, scale: bool, shift: bool) -> LayerNorm:
    """Give what either means: statistics and parameters over the trailing axes, of which one must be left."""
    shape, rank = a["normalized_shape"], len(situation.shape)
    over = tuple(range(-1 if isinstance(shape, int) else -len(shape), 0))
    if len(over) >= rank:
        raise Unsupported(f"normalized_shape must leave at least one axis of x, which has rank {rank}, got {shape}")
    return LayerNorm(axes=over, parameter_axes=over, epsilon=a["epsilon"], scale=scale, shift=shift, **c.COMMON)


def read(a: c.Arguments, situation: Situation) -> LayerNorm:
    """Give what LayerNorm means; "elementwise_affine" is its "master switch"."""
    told, affine = c.shared(a), a["elementwise_affine"]
    return _meaning(a, situation, scale=affine and told["scale"], shift=affine and a["bias"] and told["shift"])


def write(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of LayerNorm: as many trailing axes as there are axes."""
    attr = {} if s.scale or not s.shift else {"weight_attr": False}
    affine = {"elementwise_affine": s.scale or s.shift, "bias": s.shift or not s.scale, **attr}
    return {"normalized_shape": situation.shape[-len(s.axes) :], "epsilon": s.epsilon, **affine}


def read_function(a: c.Arguments, situation: Situation) -> LayerNorm:
    """Give what functional.layer_norm means; arrays stand as our names for them, and None where they are not given."""
    return _meaning(a, situation, **c.given(a))


def write_function(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of functional.layer_norm."""
    return {"normalized_shape": situation.shape[-len(s.axes) :], **c.parameters(s), "epsilon": s.epsilon}


def attributes(layer: Any) -> c.Arguments:
    """Give the arguments of a live layer."""
    found = c.attributes("normalized_shape", "epsilon")(layer)
    return {**found, "normalized_shape": tuple(found["normalized_shape"])}


LAYER = c.entry(
    "layer_norm",
    "LayerNorm",
    range(2, 6),
    {"epsilon": 1e-5, "elementwise_affine": True, "bias": True, "weight_attr": None, "bias_attr": None},
    ("normalized_shape", "epsilon"),
    free=("device", "dtype", "name"),
    sizes={"normalized_shape": tuple},
    lie="flat",
    attributes=attributes,
    read=read,
    write=write,
)
FUNCTION = c.function(
    "layer_norm",
    "layer_norm",
    range(2, 10),
    {"weight": None, "bias": None, "epsilon": 1e-5},
    ("normalized_shape", "weight", "bias", "epsilon", "name"),
    sizes={"normalized_shape": tuple},
    lie="flat",
    read=read_function,
    write=write_function,
)

ENTRIES = (LAYER, FUNCTION)
