"""Layer norm of Equinox."""

from normspec.dialects.equinox import common as c
from normspec.dialects.torch.common import trailing
from normspec.layers import LayerNorm
from normspec.records import Situation


def read(a: c.Arguments, _: Situation) -> LayerNorm:
    """Give what LayerNorm means: statistics and parameters over the whole of a sample; `elementwise_affine`, if given, says both."""
    over, both = trailing(a["shape"]), a["elementwise_affine"]
    return LayerNorm(
        axes=over,
        parameter_axes=over,
        epsilon=a["eps"],
        scale=a["use_weight"] if both is None else both,
        shift=a["use_bias"] if both is None else both,
        **c.STANDARDIZED,
        **c.WIDENED,
    )


def write(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of LayerNorm: as many trailing axes as there are axes."""
    return {"shape": situation.shape[-len(s.axes) :], "eps": s.epsilon, "use_weight": s.scale, "use_bias": s.shift}


ENTRY = c.entry(
    "layer_norm",
    "LayerNorm",
    {"eps": 1e-5, "use_weight": True, "use_bias": True, "elementwise_affine": None},
    ("shape", "eps", "use_weight", "use_bias", "dtype"),
    sizes={"shape": tuple},
    attributes=lambda module: {name: getattr(module, name) for name in ("shape", "eps", "use_weight", "use_bias")},
    read=read,
    write=write,
)
