"""Spectral norm of Paddle: a hook, which makes a weight anew before each call of the layer that has it, and a layer of a weight.

x is the weight.
"""

from typing import Any

from normspec.dialects.paddle import common as c
from normspec.errors import Unsupported
from normspec.layers import SpectralNorm
from normspec.records import Situation

COMMON: dict[str, Any] = {"first": "v", "replaces": False, "warm_up": 0, "statistics_dtype": "input"}
SECOND = ("Linear", "Transpose")
"""Layers whose second axis is that of the rows where no `dim` is given."""


def read(a: c.Arguments, _: Situation) -> SpectralNorm:
    """Give what the hook means: it iterates in training alone."""
    if a["n_power_iterations"] <= 0:
        raise Unsupported(f"n_power_iterations must be positive, got {a['n_power_iterations']}")
    usual = 1 if any(word in str(a.get("layer")) for word in SECOND) else 0
    return SpectralNorm(
        channel_axes=(usual if a["dim"] is None else a["dim"],),
        iterations=a["n_power_iterations"],
        epsilon=a["eps"],
        epsilon_place="floor" if a["eps"] else "inside",  # with no epsilon all places are one
        evaluation="kept",
        **COMMON,
    )


def write(s: SpectralNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of the hook, with the axis, for what stands for none depends on the layer."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    return {"n_power_iterations": s.iterations, "eps": s.epsilon, "dim": axis}


def read_layer(a: c.Arguments, _: Situation) -> SpectralNorm:
    """Give what SpectralNorm means: every call does "calculations with U and V for power_iters rounds", whatever the mode."""
    if a["dim"] not in (0, 1):
        raise Unsupported(f"dim must be 0 or 1, got {a['dim']}")
    if a["power_iters"] <= 0:
        raise Unsupported(f"power_iters must be positive, got {a['power_iters']}")
    return SpectralNorm(
        channel_axes=(a["dim"],),
        iterations=a["power_iters"],
        epsilon=a["eps"],
        epsilon_place="outside" if a["eps"] else "inside",  # with no epsilon all places are one
        evaluation="iterated",
        **COMMON,
    )


def write_layer(s: SpectralNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of SpectralNorm."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    return {"weight_shape": situation.shape, "dim": axis, "power_iters": s.iterations, "eps": s.epsilon}


def attributes(layer: Any) -> c.Arguments:
    """Give the arguments of a live layer."""
    told = {name: getattr(layer, f"_{name}") for name in ("dim", "power_iters", "eps")}
    return {"weight_shape": tuple(layer._weight_shape), **told}  # noqa: SLF001 - it is kept nowhere else


HOOK = c.entry(
    "spectral_norm",
    "utils.spectral_norm",
    range(2, 10),
    {"n_power_iterations": 1, "eps": 1e-12, "dim": None},
    ("layer", "name", "n_power_iterations", "eps", "dim"),
    free=("layer", "name"),
    names={"u": "weight_u", "v": "weight_v"},
    modes={
        "train": "layer.train(); layer(...), which makes layer.weight",
        "evaluate": "layer.eval(); layer(...), which makes layer.weight",
        "freeze": "layer.eval() after every model.train(), which undoes it; layer(...), which makes layer.weight",
        "observe": "layer.train(); layer(...), which makes layer.weight, whose value is not used",
    },
    read=read,
    write=write,
)
LAYER = c.entry(
    "spectral_norm",
    "SpectralNorm",
    range(2, 10),
    {"dim": 0, "power_iters": 1, "eps": 1e-12},
    ("weight_shape", "dim", "power_iters", "eps", "dtype"),
    free=("dtype",),
    names={"u": "weight_u", "v": "weight_v"},
    modes=dict.fromkeys(("train", "evaluate", "freeze", "observe"), "layer(x)"),
    attributes=attributes,
    read=read_layer,
    write=write_layer,
)

ENTRIES = (HOOK, LAYER)
