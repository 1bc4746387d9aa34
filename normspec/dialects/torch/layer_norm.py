"""PyTorch's layer normalization: the module and the function."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.torch.common import COMMON, DOCS, FUNCTIONAL, ONE_MODE, PARAMETERS, affine, attributes_and_bias, parameters, trailing
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], _: Situation) -> LayerNorm:
    """Give what LayerNorm means: statistics and parameters over the trailing axes."""
    over = trailing(a["normalized_shape"])
    return LayerNorm(
        axes=over,
        parameter_axes=over,
        epsilon=a["eps"],
        scale=a["elementwise_affine"],
        shift=a["elementwise_affine"] and a["bias"],
        one_value="shift",
        **COMMON,
    )


def write(s: LayerNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of LayerNorm: as many trailing axes as there are axes."""
    return {"normalized_shape": situation.shape[-len(s.axes) :], "eps": s.epsilon, **affine(s, "elementwise_affine")}


def read_function(a: Mapping[str, Any], situation: Situation) -> LayerNorm:
    """Give what functional.layer_norm means; arrays stand as our names for them, and None where they are not given."""
    module = {"elementwise_affine": True, "bias": True}
    return replace(read({**a, **module}, situation), scale=a["weight"] is not None, shift=a["bias"] is not None)


def write_function(s: LayerNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of functional.layer_norm."""
    return {"normalized_shape": situation.shape[-len(s.axes) :], **parameters(s), "eps": s.epsilon}


MODULE = Entry(
    native="torch.nn.LayerNorm",
    layer="layer_norm",
    variant="",
    versions=">=2.13",
    source=f"{DOCS}LayerNorm.html",
    ranks=range(1, 65),
    positional=("normalized_shape", "eps", "elementwise_affine", "bias", "device", "dtype"),
    defaults={"eps": 1e-5, "elementwise_affine": True, "bias": True},
    free=("device", "dtype"),
    sizes={"normalized_shape": tuple},
    names=PARAMETERS,
    modes=ONE_MODE,
    attributes=attributes_and_bias("normalized_shape", "eps", "elementwise_affine"),
    read=read,
    write=write,
)

FUNCTION = Entry(
    native="torch.nn.functional.layer_norm",
    layer="layer_norm",
    variant="functional",
    versions=">=2.13",
    source=f"{FUNCTIONAL}layer_norm.html",
    ranks=range(1, 65),
    positional=("input", "normalized_shape", "weight", "bias", "eps"),
    defaults={"weight": None, "bias": None, "eps": 1e-5},
    free=("input",),
    sizes={"normalized_shape": tuple},
    names=PARAMETERS,
    modes=ONE_MODE,
    read=read_function,
    write=write_function,
)

ENTRIES = (MODULE, FUNCTION)
