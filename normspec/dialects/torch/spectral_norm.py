"""PyTorch's spectral normalization: the parametrization. x is the weight of the module that is given."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.torch.common import PARAMETRIZATIONS
from normspec.errors import Unsupported
from normspec.layers import SpectralNorm
from normspec.records import Situation

WARM_UP = 15


def read(a: Mapping[str, Any], _: Situation) -> SpectralNorm:
    """Give what spectral_norm means. `dim` is 0 where it is not given, and 1 for a transposed convolution."""
    if a["n_power_iterations"] <= 0:
        raise Unsupported(f"n_power_iterations must be positive, got {a['n_power_iterations']}")
    usual = 1 if "ConvTranspose" in str(a.get("module")) else 0
    return SpectralNorm(
        channel_axes=(usual if a["dim"] is None else a["dim"],),
        iterations=a["n_power_iterations"],
        first="u",
        epsilon=a["eps"],
        epsilon_place="floor" if a["eps"] else "inside",  # with no epsilon all places are one
        evaluation="kept",
        replaces=False,
        warm_up=WARM_UP,
        statistics_dtype="input",
    )


def write(s: SpectralNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of spectral_norm, with the axis, for what stands for none depends on the module."""
    (axis,) = s.at_rank(len(situation.shape)).channel_axes
    return {"n_power_iterations": s.iterations, "eps": s.epsilon, "dim": axis}


ENTRIES = (
    Entry(
        native="torch.nn.utils.parametrizations.spectral_norm",
        layer="spectral_norm",
        variant="",
        versions=">=2.13",
        source=f"{PARAMETRIZATIONS}spectral_norm.html",
        ranks=range(2, 65),
        positional=("module", "name", "n_power_iterations", "eps", "dim"),
        defaults={"n_power_iterations": 1, "eps": 1e-12, "dim": None},
        free=("module", "name"),
        names={"u": "parametrizations.weight.0._u", "v": "parametrizations.weight.0._v"},
        modes={
            "train": "module.train(); module.weight, once a step",
            "evaluate": "module.eval(); module.weight",
            "freeze": "module.eval() after every model.train(), which undoes it; module.weight",
            "observe": "module.train(); module.weight, whose value is not used",
        },
        read=read,
        write=write,
    ),
)
