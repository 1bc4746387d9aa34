"""Layer norm of tinygrad: the layer, the one of channels along axis 1, and the method of tensors, which has no parameters."""

from normspec.dialects.tinygrad import common as c
from normspec.dialects.torch.common import trailing
from normspec.errors import Unsupported
from normspec.layers import LayerNorm
from normspec.records import Situation

PERMUTED = (-2, -1, -3)
"""The axes of x that are the last three of `x.permute(0, 2, 3, 1)`."""


def _meaning(epsilon: float, axes: tuple[int, ...], *, affine: bool) -> LayerNorm:
    return LayerNorm(
        axes=axes,
        parameter_axes=axes,
        epsilon=epsilon,
        scale=affine,
        shift=affine,
        output_dtype="promoted",
        one_value="shift",
        **c.STANDARDIZED,
    )


def read(a: c.Arguments, _: Situation) -> LayerNorm:
    """Give what LayerNorm means: statistics and parameters over the trailing axes."""
    return _meaning(a["eps"], trailing(a["normalized_shape"]), affine=a["elementwise_affine"])


def write(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of LayerNorm: as many trailing axes as there are axes."""
    return {"normalized_shape": situation.shape[-len(s.axes) :], "eps": s.epsilon, **c.affine(s, "elementwise_affine")}


def read_2d(a: c.Arguments, _: Situation) -> LayerNorm:
    """Give what LayerNorm2d means: the shape is that of the last axes once the channels are the last."""
    last = trailing(a["normalized_shape"])
    if len(last) > len(PERMUTED):
        raise Unsupported(f"normalized_shape must be of at most {len(PERMUTED)} axes, for the samples' is none of them, got {len(last)}")
    axes = tuple(sorted(PERMUTED[axis] for axis in last))
    if len(axes) > 1 and a["elementwise_affine"]:
        raise Unsupported("parameters of LayerNorm2d lie along the channels, or in an order of axes that has no place here")
    return _meaning(a["eps"], axes, affine=a["elementwise_affine"])


def write_2d(s: LayerNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of LayerNorm2d: as many axes as there are, the channels being the last."""
    permuted = tuple(situation.shape[axis] for axis in PERMUTED)
    return {"normalized_shape": permuted[-len(s.axes) :], "eps": s.epsilon, **c.affine(s, "elementwise_affine")}


def read_method(a: c.Arguments, _: Situation) -> LayerNorm:
    """Give what Tensor.layernorm means: statistics over any axes."""
    return _meaning(a["eps"], (a["axis"],) if isinstance(a["axis"], int) else tuple(a["axis"]), affine=False)


def write_method(s: LayerNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of Tensor.layernorm."""
    return {"axis": s.axes[0] if len(s.axes) == 1 else s.axes, "eps": s.epsilon}


DEFAULTS = {"eps": 1e-5, "elementwise_affine": True}
ATTRIBUTES = c.attributes("normalized_shape", "eps", affine="elementwise_affine")
SIZES = {"normalized_shape": tuple}

ENTRIES = (
    c.entry(
        "layer_norm",
        "LayerNorm",
        DEFAULTS,
        "normalized_shape",
        ranks=range(1, 65),
        sizes=SIZES,
        attributes=ATTRIBUTES,
        read=read,
        write=write,
    ),
    c.entry(
        "layer_norm",
        "LayerNorm2d",
        DEFAULTS,
        "normalized_shape",
        ranks=range(4, 5),
        sizes=SIZES,
        attributes=ATTRIBUTES,
        read=read_2d,
        write=write_2d,
    ),
    c.method("layer_norm", "layernorm", {"axis": -1, "eps": 1e-5}, read=read_method, write=write_method),
)
