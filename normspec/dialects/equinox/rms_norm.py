"""RMS norm of Equinox, which has a bias unless it is told otherwise."""

from normspec.dialects.equinox import common as c
from normspec.dialects.torch.common import trailing
from normspec.layers import RMSNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> RMSNorm:
    """Give what RMSNorm means: the root mean square and parameters over the whole of a sample."""
    over = trailing(a["shape"])
    return RMSNorm(
        axes=over,
        parameter_axes=over,
        fraction=1.0,
        epsilon=a["eps"],
        epsilon_place="inside",
        rounding="last",
        scale=a["use_weight"],
        shift=a["use_bias"],
        **c.WIDENED,
    )


def write(s: RMSNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of RMSNorm: as many trailing axes as there are axes."""
    return {"shape": situation.shape[-len(s.axes) :], "eps": s.epsilon, "use_weight": s.scale, "use_bias": s.shift}


ENTRY = c.entry(
    "rms_norm",
    "RMSNorm",
    {"eps": 1e-5, "use_weight": True, "use_bias": True},
    ("shape", "eps", "use_weight", "use_bias", "dtype"),
    sizes={"shape": tuple},
    attributes=lambda module: {name: getattr(module, name) for name in ("shape", "eps", "use_weight", "use_bias")},
    read=read,
    write=write,
)
