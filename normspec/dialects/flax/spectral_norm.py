"""Spectral norm of Flax, which wraps a layer: each of its weights of rank 2 or more is an x of its own, others stay as they are."""

from typing import Any

from normspec.dialects.entry import a_mode
from normspec.dialects.flax import common as c
from normspec.errors import Unsupported
from normspec.layers import SpectralNorm
from normspec.records import Situation

MATRIX = 2
"""The rank of a matrix."""


def read(a: c.Arguments, situation: Situation) -> SpectralNorm:
    """Give what SpectralNorm means: it flattens "higher-order tensors in their leading dimensions", and iterates in every mode."""
    c.result_dtype(a)
    c.of_the_weight(situation)
    if a.get("update_stats") is False:
        raise a_mode("update_stats=False")
    if a["error_on_non_matrix"] and len(situation.shape) > MATRIX:
        raise Unsupported(f"error_on_non_matrix=True refuses a weight of rank {len(situation.shape)}")
    if a["n_steps"] < 1:
        raise Unsupported(f"n_steps={a['n_steps']!r} leaves the weight as it is, which no point here does")
    return SpectralNorm(
        channel_axes=(-1,),
        iterations=a["n_steps"],
        first="v",
        epsilon=a["epsilon"],
        epsilon_place="inside",
        evaluation="iterated",
        replaces=False,
        warm_up=0,
        statistics_dtype="input",
    )


def write(s: SpectralNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of SpectralNorm."""
    return {"n_steps": s.iterations, "epsilon": s.epsilon}


DEFAULTS: dict[str, Any] = {"n_steps": 1, "epsilon": 1e-12, "dtype": None, "error_on_non_matrix": False}
RANKS = range(MATRIX, 65)

NNX = c.nnx(
    "spectral_norm",
    "SpectralNorm",
    DEFAULTS,
    versions=">=0.12.1",
    ranks=RANKS,
    positional=("layer_instance",),
    fixed={},
    free=(*c.FREE, "rngs", "update_stats"),
    sizes={},
    names={"u": "batch_stats/kernel/u"},
    lie="row",
    modes={
        "train": "layer.train(); layer(x), or layer(x, update_stats=True)",
        "evaluate": "layer.eval(); layer(x), or layer(x, update_stats=False)",
        "freeze": "layer(x, update_stats=False)",
    },
    attributes=c.attributes(*DEFAULTS),
    read=read,
    write=c.of_wrapper(write, "rngs"),
)
LINEN = c.linen(
    "spectral_norm",
    "SpectralNorm",
    DEFAULTS,
    ranks=RANKS,
    positional=("layer_instance", "n_steps", "epsilon", "dtype", "param_dtype", "error_on_non_matrix", "collection_name"),
    fixed={},
    free=(*c.FREE, *c.OF_LINEN, "collection_name"),
    names={"u": "kernel/u"},
    lie="row",
    modes={
        "train": "y, updates = layer.apply(variables, x, update_stats=True, mutable=['batch_stats'])",
        "evaluate": "layer.apply(variables, x, update_stats=False)",
        "freeze": "layer.apply(variables, x, update_stats=False)",
    },
    attributes=c.attributes(*DEFAULTS),
    read=read,
    write=c.of_wrapper(write),
)
