"""Mean-variance normalization of OpenVINO."""

from typing import Any

from normspec.dialects.onnx.common import attribute
from normspec.dialects.openvino import common as c
from normspec.errors import Unsupported
from normspec.layers import MeanVarianceNorm
from normspec.records import Situation

PLACES = {"inside_sqrt": "inside", "outside_sqrt": "outside"}


def read(a: c.Arguments, situation: Situation) -> MeanVarianceNorm:
    """Give what mvn means; without `normalize_variance`, eps says nothing."""
    divide, mode = a["normalize_variance"], a["eps_mode"]
    if mode not in PLACES:
        raise Unsupported(f"eps_mode must be one of {', '.join(PLACES)}, got {mode!r}")
    epsilon = attribute(c.positive("eps", a), situation)
    divisor: dict[str, Any] = {"epsilon": epsilon, "epsilon_place": PLACES[mode]} if divide else {"epsilon": 0.0, "epsilon_place": "inside"}
    return MeanVarianceNorm(axes=c.axes(a), divide=divide, **divisor, **c.STANDARDIZED)


def write(s: MeanVarianceNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of mvn. An eps must be given where it says nothing, too."""
    mode = next((mode for mode, place in PLACES.items() if place == s.epsilon_place), "inside_sqrt")
    return {"axes": s.axes, "normalize_variance": s.divide, "eps": c.no_less(s.epsilon) if s.divide else 1e-9, "eps_mode": mode}


ENTRY = c.entry(
    "mean_variance_norm",
    "mvn",
    6,
    "mvn-6",
    ("data",),
    ("axes", "normalize_variance", "eps", "eps_mode"),
    ranks=range(1, 65),
    read=read,
    write=write,
)
