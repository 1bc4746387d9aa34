"""Instance norm of Paddle: InstanceNorm1D, 2D and 3D, and the function. No running statistics are kept."""

from normspec.dialects.entry import Entry
from normspec.dialects.paddle import common as c
from normspec.errors import Unsupported
from normspec.layers import InstanceNorm
from normspec.records import Situation


def _meaning(a: c.Arguments, epsilon: float, *, scale: bool, shift: bool) -> InstanceNorm:
    """Give what either means."""
    if c.channel_axis(a) != 1:
        raise Unsupported(f"data_format must be one of {', '.join(c.FIRST)}, got {a['data_format']!r}")
    return InstanceNorm(batch_axes=(0,), channel_axes=(1,), epsilon=epsilon, running=None, scale=scale, shift=shift, **c.COMMON)


def read(a: c.Arguments, _: Situation) -> InstanceNorm:
    """Give what InstanceNorm1D, 2D and 3D mean: they have both parameters or neither."""
    told = c.shared(a)
    if told["scale"] != told["shift"]:
        raise Unsupported("weight_attr and bias_attr must be False together, or neither")
    return _meaning(a, a["epsilon"], **told)


def write(s: InstanceNorm, situation: Situation) -> c.Arguments:
    """Give the nearest arguments of InstanceNorm1D, 2D and 3D."""
    attr = {} if s.scale or s.shift else {"weight_attr": False, "bias_attr": False}
    return {"num_features": situation.shape[1], "epsilon": s.epsilon, **attr}


def read_function(a: c.Arguments, _: Situation) -> InstanceNorm:
    """Give what functional.instance_norm means; arrays stand as our names for them, and None where they are not given."""
    return _meaning(a, a["eps"], **c.given(a))


def write_function(s: InstanceNorm, _: Situation) -> c.Arguments:
    """Give the nearest arguments of functional.instance_norm."""
    return {**c.parameters(s), "eps": s.epsilon}


def _layer(dimensions: int, ranks: range, data_format: str) -> Entry:
    told = {"weight_attr": None, "bias_attr": None, "data_format": data_format}
    return c.entry(
        "instance_norm",
        f"InstanceNorm{dimensions}D",
        ranks,
        {"epsilon": 1e-5, **told},
        ("num_features", "epsilon", "momentum", *told, "name"),
        free=("momentum", "name"),
        sizes={"num_features": int},
        names={"scale": "scale", "shift": "bias"},
        attributes=c.attributes("num_features", "epsilon", "data_format"),
        read=read,
        write=write,
    )


FUNCTION = c.function(
    "instance_norm",
    "instance_norm",
    range(2, 6),
    {"weight": None, "bias": None, "eps": 1e-5, "data_format": "NCHW"},
    ("running_mean", "running_var", "weight", "bias", "use_input_stats", "momentum", "eps", "data_format", "name"),
    free=("x", "running_mean", "running_var", "use_input_stats", "momentum", "name"),
    read=read_function,
    write=write_function,
)

ENTRIES = (_layer(1, range(2, 4), "NCL"), _layer(2, range(4, 5), "NCHW"), _layer(3, range(5, 6), "NCDHW"), FUNCTION)
