"""PyTorch's group normalization: the module and the function."""

from collections.abc import Mapping
from math import prod
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.torch.common import COMMON, DOCS, FUNCTIONAL, ONE_MODE, PARAMETERS, affine, attributes_and_bias, parameters
from normspec.errors import Unsupported
from normspec.layers import GroupNorm
from normspec.records import Situation


def _meaning(a: Mapping[str, Any], situation: Situation, *, scale: bool, shift: bool) -> GroupNorm:
    """Give what either means. It looks at all samples at once: one value in each group is refused where there is one sample only."""
    samples, channels, *space = situation.shape
    values = samples * channels // a["num_groups"] * prod(space)
    return GroupNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        groups=a["num_groups"],
        grouping="contiguous",
        scale_per="channel",
        epsilon=a["eps"],
        one_value="refuse" if values == 1 else "shift",
        scale=scale,
        shift=shift,
        **COMMON,
    )


def read(a: Mapping[str, Any], situation: Situation) -> GroupNorm:
    """Give what GroupNorm means."""
    groups, channels = a["num_groups"], a["num_channels"]
    if isinstance(channels, int) and channels % groups:
        raise Unsupported(f"num_channels must be divisible by num_groups, which is {groups}, got {channels}")
    return _meaning(a, situation, scale=a["affine"], shift=a["affine"] and a["bias"])


def write(s: GroupNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of GroupNorm."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    return {"num_groups": s.groups, "num_channels": situation.shape[axis], "eps": s.epsilon, **affine(s, "affine")}


def read_function(a: Mapping[str, Any], situation: Situation) -> GroupNorm:
    """Give what functional.group_norm means; arrays stand as our names for them, and None where they are not given."""
    return _meaning(a, situation, scale=a["weight"] is not None, shift=a["bias"] is not None)


def write_function(s: GroupNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of functional.group_norm."""
    return {"num_groups": s.groups, **parameters(s), "eps": s.epsilon}


MODULE = Entry(
    native="torch.nn.GroupNorm",
    layer="group_norm",
    variant="",
    versions=">=2.13",
    source=f"{DOCS}GroupNorm.html",
    ranks=range(2, 65),
    positional=("num_groups", "num_channels", "eps", "affine", "device", "dtype"),
    defaults={"eps": 1e-5, "affine": True, "bias": True},
    free=("device", "dtype"),
    sizes={"num_channels": int},
    names=PARAMETERS,
    modes=ONE_MODE,
    attributes=attributes_and_bias("num_groups", "num_channels", "eps", "affine"),
    read=read,
    write=write,
)

FUNCTION = Entry(
    native="torch.nn.functional.group_norm",
    layer="group_norm",
    variant="functional",
    versions=">=2.13",
    source=f"{FUNCTIONAL}group_norm.html",
    ranks=range(2, 65),
    positional=("input", "num_groups", "weight", "bias", "eps"),
    defaults={"weight": None, "bias": None, "eps": 1e-5},
    free=("input",),
    names=PARAMETERS,
    modes=ONE_MODE,
    read=read_function,
    write=write_function,
)

ENTRIES = (MODULE, FUNCTION)
