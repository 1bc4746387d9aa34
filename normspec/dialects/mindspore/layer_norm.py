"""Layer norm of MindSpore: statistics and parameters over the trailing axes, which of them being two arguments."""

from typing import Any

from normspec.dialects.mindspore import common as c
from normspec.errors import Unsupported
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> LayerNorm:
    """Give what LayerNorm means: "normalization will be performed along dimensions begin_norm_axis: R"; likewise the parameters."""
    c.of_dtype(situation, *c.WIDE)
    axes, own = (_from(name, a[name], len(situation.shape)) for name in ("begin_norm_axis", "begin_params_axis"))
    if len(a["normalized_shape"]) != len(own):
        raise Unsupported(
            f"normalized_shape must have as many axes as there are from begin_params_axis on, {len(own)}, got {a['normalized_shape']}"
        )
    return LayerNorm(axes=axes, parameter_axes=own, epsilon=a["epsilon"], scale=True, shift=True, **c.COMMON)


def _from(name: str, first: int, rank: int) -> tuple[int, ...]:
    """Give the axes from one on, counted from the back."""
    if not -1 <= first < rank:
        raise Unsupported(f"{name} must be in [-1, {rank}), got {first}")
    return tuple(range(-1 if first == -1 else first - rank, 0))


def write(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of LayerNorm: as many trailing axes as there are axes."""
    rank, count, own = len(situation.shape), len(s.axes), len(s.parameter_axes)
    told = {name: -1 if n == 1 else rank - n for name, n in (("begin_norm_axis", count), ("begin_params_axis", own))}
    return {"normalized_shape": situation.shape[rank - own :], **told, "epsilon": s.epsilon}


def attributes(layer: Any) -> c.Arguments:
    """Give the arguments of a live layer."""
    found = c.attributes("begin_norm_axis", "begin_params_axis", "epsilon")(layer)
    return {"normalized_shape": tuple(layer.normalized_shape), **found}


ENTRY = c.entry(
    "layer_norm",
    "nn.LayerNorm",
    {"begin_norm_axis": -1, "begin_params_axis": -1, "epsilon": 1e-7},
    fixed=c.BORN,
    free=("dtype",),
    positional=("normalized_shape", "begin_norm_axis", "begin_params_axis", *c.BORN, "epsilon", "dtype"),
    ranks=c.RANKS,
    sizes={"normalized_shape": tuple},
    attributes=attributes,
    read=read,
    write=write,
)
