"""What several layers of Keras have in common: arguments, arrays, modes and dtypes."""

from collections.abc import Callable, Mapping
from typing import Any

from normspec.dtypes import FLOATS
from normspec.errors import Unsupported
from normspec.records import Situation

DOCS = "https://keras.io/api/layers/normalization_layers/"
EPSILON = 1e-7
"""`keras.config.epsilon()`, "the value of the fuzz factor used in numeric expressions", as it is unless `set_epsilon` is called."""

COMMON: dict[str, Any] = {
    "epsilon_place": "inside",
    "correction": 0,
    "variance": "two_pass",
    "output_dtype": "input",
    "one_value": "shift",
}
"""What every layer here that takes the mean from x has in common."""

PARAMETERS = {"scale": "gamma", "shift": "beta"}
ONE_MODE = {"train": "layer(x)", "evaluate": "layer(x)", "freeze": "layer.trainable = False; layer(x)"}
BORN: dict[str, Any] = {"beta_initializer": "zeros", "gamma_initializer": "ones"}
BORN_STATE: dict[str, Any] = {"moving_mean_initializer": "zeros", "moving_variance_initializer": "ones"}
TRAINED = ("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint")
OF_EVERY_LAYER = ("activity_regularizer", "trainable", "dtype", "autocast", "name")


def policy(situation: Situation) -> str:
    """Give the name of the dtype policy whose compute dtype is that of x, and whose variable dtype is that of the parameters.

    Raises
    ------
    Unsupported
        Where there is none.
    """
    dtype, parameters = situation.dtype, situation.parameter_dtype
    if dtype == parameters:
        return dtype
    if FLOATS[dtype].roundoff > FLOATS["float32"].roundoff and parameters == "float32":
        return f"mixed_{dtype}"
    raise Unsupported(
        f"a dtype policy computes in the variables' dtype, or in 16 bits with float32 variables; none has {dtype} and {parameters}"
    )


def as_tuple(axis: Any) -> tuple[int, ...]:
    """Give the axes of an `axis`, which is one or a sequence."""
    return (axis,) if isinstance(axis, int) else tuple(axis)


def as_written(axes: tuple[int, ...]) -> int | tuple[int, ...]:
    """Give an `axis` of these axes: one as itself."""
    return axes[0] if len(axes) == 1 else axes


def ascending(axis: Any, parameter: str, situation: Situation) -> tuple[int, ...]:
    """Give the axes of an `axis` that is sorted as it is written, and along which a parameter lies.

    Raises
    ------
    Unsupported
        Where axes counted from the front are mixed with negative ones, which are sorted before them, so that the parameter lies otherwise.
    """
    axes = as_tuple(axis)
    order = [a + len(situation.shape) if a < 0 else a for a in sorted(axes)]
    if order != sorted(order):
        raise Unsupported(
            f"axis={axis!r} is sorted before negative axes are counted from the back, so {parameter} lies along the axes {tuple(order)} "
            "in that order: write all axes from the front, or all from the back"
        )
    return axes


def channel_axis(axis: Any, situation: Situation) -> tuple[int]:
    """Give the one axis of the channels, beside the first one, along which the samples lie.

    Raises
    ------
    Unsupported
        Where there are several, or it is the first.
    """
    if not isinstance(axis, int) or axis in (0, -len(situation.shape)):
        raise Unsupported(f"axis must be one axis, and not the first, along which the samples lie, got {axis!r}")
    return (axis,)


def shared(s: Any) -> dict[str, Any]:
    """Give the arguments that the layers with gamma and beta have."""
    return {"epsilon": s.epsilon, "center": s.shift, "scale": s.scale}


def attributes(*names: str) -> Callable[[Any], Mapping[str, Any]]:
    """Give what reads arguments off a live layer, by the attributes of their names; an initializer by the name of its class."""
    born = {**BORN, **BORN_STATE}
    return lambda layer: {name: initializer(getattr(layer, name)) if name in born else getattr(layer, name) for name in names}


def initializer(live: Any) -> str:
    """Give the name of an initializer as `keras.initializers.get` takes it, as far as it is one word: `zeros` for Zeros."""
    return type(live).__name__.lower()
