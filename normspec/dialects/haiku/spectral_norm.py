"""Spectral norm of Haiku, which is called with the weight."""

from typing import Any

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.haiku import common as c
from normspec.errors import Unsupported
from normspec.layers import SpectralNorm
from normspec.records import Situation

MATRIX = 2
"""The rank of a matrix."""


def read(a: c.Arguments, situation: Situation) -> SpectralNorm:
    """Give what SpectralNorm means: it flattens "higher-order tensors in their leading dimensions", and iterates in every mode."""
    of_one_dtype(situation)
    if a["n_steps"] < 1:
        raise Unsupported(f"n_steps must be at least 1, got {a['n_steps']!r}")
    return SpectralNorm(
        channel_axes=(-1,),
        iterations=a["n_steps"],
        first="v",
        epsilon=a["eps"],
        epsilon_place="inside",
        evaluation="iterated",
        replaces=False,
        warm_up=0,
        statistics_dtype="input",
    )


def write(s: SpectralNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of SpectralNorm."""
    return {"eps": s.epsilon, "n_steps": s.iterations}


DEFAULTS: dict[str, Any] = {"eps": 1e-4, "n_steps": 1}

ENTRY = c.entry(
    "spectral_norm",
    "SpectralNorm",
    DEFAULTS,
    tuple(DEFAULTS),
    ranks=range(MATRIX, 65),
    fixed={},
    names={"u": "u0"},
    lie="row",
    modes={
        "train": "layer(weight, update_stats=True)",
        "evaluate": "layer(weight, update_stats=False)",
        "freeze": "layer(weight, update_stats=False)",
    },
    read=read,
    write=write,
)
