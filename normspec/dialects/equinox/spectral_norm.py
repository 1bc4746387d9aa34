"""Spectral norm of Equinox, which wraps a layer: x is the weight of the layer that is given."""

from typing import Any

from normspec.dialects.entry import a_mode, of_one_dtype
from normspec.dialects.equinox import common as c
from normspec.errors import Unsupported
from normspec.layers import SpectralNorm
from normspec.records import Situation

MATRIX = 2
"""The rank of a matrix."""
WARM_UP = 15


def read(a: c.Arguments, situation: Situation) -> SpectralNorm:
    """Give what SpectralNorm means: the weight as a matrix whose rows are along its first axis."""
    if a["inference"]:
        raise a_mode("inference=True")
    if a["num_power_iterations"] < 1:
        raise Unsupported(f"num_power_iterations must be at least 1, got {a['num_power_iterations']!r}")
    of_one_dtype(situation)
    return SpectralNorm(
        channel_axes=(0,),
        iterations=a["num_power_iterations"],
        first="u",
        epsilon=a["eps"],
        epsilon_place="floor" if a["eps"] else "inside",  # with no epsilon all places are one
        evaluation="kept",
        replaces=False,
        warm_up=WARM_UP,
        statistics_dtype="input",
    )


def write(s: SpectralNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of SpectralNorm."""
    return {"num_power_iterations": s.iterations, "eps": s.epsilon}


DEFAULTS: dict[str, Any] = {"num_power_iterations": 1, "eps": 1e-12, "inference": False}

ENTRY = c.entry(
    "spectral_norm",
    "SpectralNorm",
    DEFAULTS,
    ("layer", "weight_name", *DEFAULTS),
    ranks=range(MATRIX, 65),
    free=("layer", "weight_name", "key"),
    attributes=None,
    names={"u": "state.get(layer.uv_index)[0]", "v": "state.get(layer.uv_index)[1]"},
    modes={
        "train": "layer(x, state)",
        "evaluate": "equinox.nn.inference_mode(layer)(x, state)",
        "freeze": "layer(x, state, inference=True)",
        "observe": "layer(x, state), whose result is not used",
    },
    read=read,
    write=write,
)
