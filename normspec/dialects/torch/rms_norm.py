"""PyTorch's RMS normalization: the module and the function."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, Name
from normspec.dialects.torch.common import DOCS, FUNCTIONAL, ONE_MODE, attributes, trailing
from normspec.dtypes import FLOATS, promote
from normspec.layers import RMSNorm
from normspec.records import Situation


def machine_epsilon(situation: Situation) -> float:
    """Give what stands for an epsilon that is not given: the spacing of numbers from 1, in the dtype in which is computed."""
    return 2 * FLOATS[promote(situation.dtype, "float32")].roundoff


def _meaning(a: Mapping[str, Any], situation: Situation, *, scale: bool) -> RMSNorm:
    """Give what either means: statistics and scale over the trailing axes."""
    over = trailing(a["normalized_shape"])
    return RMSNorm(
        axes=over,
        parameter_axes=over,
        fraction=1.0,
        epsilon=machine_epsilon(situation) if a["eps"] is None else a["eps"],
        epsilon_place="inside",
        scale=scale,
        shift=False,
        rounding="last",
        statistics_dtype="widened",
        output_dtype="input",
    )


def _said(s: RMSNorm, situation: Situation) -> dict[str, Any]:
    """Give the nearest arguments of either, but for the scale: as many trailing axes as there are axes."""
    epsilon = None if s.epsilon == machine_epsilon(situation) else s.epsilon
    return {"normalized_shape": situation.shape[-len(s.axes) :], "eps": epsilon}


def read(a: Mapping[str, Any], situation: Situation) -> RMSNorm:
    """Give what RMSNorm means."""
    return _meaning(a, situation, scale=a["elementwise_affine"])


def write(s: RMSNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of RMSNorm."""
    return {**_said(s, situation), "elementwise_affine": s.scale}


def read_function(a: Mapping[str, Any], situation: Situation) -> RMSNorm:
    """Give what functional.rms_norm means; the scale stands as our name for it, and None where it is not given."""
    return _meaning(a, situation, scale=a["weight"] is not None)


def write_function(s: RMSNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of functional.rms_norm."""
    return {**_said(s, situation), "weight": Name("scale") if s.scale else None}


MODULE = Entry(
    native="torch.nn.RMSNorm",
    layer="rms_norm",
    variant="",
    versions=">=2.13",
    source=f"{DOCS}RMSNorm.html",
    ranks=range(1, 65),
    positional=("normalized_shape", "eps", "elementwise_affine", "device", "dtype"),
    defaults={"eps": None, "elementwise_affine": True},
    free=("device", "dtype"),
    sizes={"normalized_shape": tuple},
    names={"scale": "weight"},
    modes=ONE_MODE,
    attributes=attributes("normalized_shape", "eps", "elementwise_affine"),
    read=read,
    write=write,
)

FUNCTION = Entry(
    native="torch.nn.functional.rms_norm",
    layer="rms_norm",
    variant="functional",
    versions=">=2.13",
    source=f"{FUNCTIONAL}rms_norm.html",
    ranks=range(1, 65),
    positional=("input", "normalized_shape", "weight", "eps"),
    defaults={"weight": None, "eps": None},
    free=("input",),
    sizes={"normalized_shape": tuple},
    names={"scale": "weight"},
    modes=ONE_MODE,
    read=read_function,
    write=write_function,
)

ENTRIES = (MODULE, FUNCTION)
