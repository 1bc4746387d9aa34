"""L2 normalization of OpenVINO."""

from normspec.dialects.onnx.common import attribute
from normspec.dialects.openvino import common as c
from normspec.dialects.tensorflow.common import root, square
from normspec.errors import Unsupported
from normspec.layers import LpNorm
from normspec.records import Situation

MODES = ("add", "max")
"""How eps is put together with the sum of squares."""


def read(a: c.Arguments, situation: Situation) -> LpNorm:
    """Give what normalize_l2 means: `x / sqrt(eps_mode(sum(x**2), eps))`."""
    if a["eps_mode"] not in MODES:
        raise Unsupported(f"eps_mode must be one of {', '.join(MODES)}, got {a['eps_mode']!r}")
    adds, eps = a["eps_mode"] == "add", attribute(c.positive("eps", a), situation)
    return LpNorm(
        axes=c.axes(a),
        order=2.0,
        epsilon=eps if adds else root(eps),
        epsilon_place="inside" if adds else "floor",
        at_zero="zero",
        **c.COMPUTED,
    )


def write(s: LpNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of normalize_l2."""
    floor = s.epsilon_place == "floor"
    return {"axes": s.axes, "eps": square(s.epsilon) if floor else c.no_less(s.epsilon), "eps_mode": "max" if floor else "add"}


ENTRY = c.entry(
    "lp_norm",
    "normalize_l2",
    1,
    "normalize-l2-1",
    ("data",),
    ("axes", "eps", "eps_mode"),
    ranks=range(1, 65),
    read=read,
    write=write,
)
