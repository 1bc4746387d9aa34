"""What the layers of Flax have in common: arguments, how they are read and written, and what an entry of each variant is made of."""

from collections.abc import Callable, Mapping
from inspect import signature
from math import prod
from typing import Any

from normspec.dialects.entry import THEIR_DEFAULT, Entry, Name
from normspec.dtypes import promote
from normspec.errors import Unsupported
from normspec.layers.fields import StatisticsDtype
from normspec.records import Situation

DOCS = "https://flax.readthedocs.io/en/v0.12.8/api_reference/"

Arguments = Mapping[str, Any]
Write = Callable[[Any, Situation], Arguments]

STANDARDIZED: dict[str, Any] = {"epsilon_place": "inside", "correction": 0, "output_dtype": "promoted", "one_value": "shift"}
"""What every layer here has in common that takes a mean and a variance."""

AFFINE = {"dtype": None, "use_bias": True, "use_scale": True, "use_fast_variance": True}
REDUCTIONS = {"force_float32_reductions": True}
"""What linen alone has."""
ALONE: dict[str, Any] = {"axis_name": None, "axis_index_groups": None}
BORN = {"bias_init": THEIR_DEFAULT, "scale_init": THEIR_DEFAULT}
FUNCTIONS = {**BORN, "promote_dtype": THEIR_DEFAULT}
"""Functions decide what parameters are when they are born, and in which dtype all is computed."""
FREE = ("param_dtype",)
OF_NNX = ("rngs", "bias_metadata", "scale_metadata")
OF_LINEN = ("parent", "name")

PARAMETERS = {"scale": "scale", "shift": "bias"}
ONE_MODE = {"train": "layer(x)", "evaluate": "layer(x)", "freeze": "layer(x)"}
ONE_LINEN_MODE = dict.fromkeys(ONE_MODE, "layer.apply(variables, x)")


def result_dtype(a: Arguments) -> None:
    """Refuse a `dtype`.

    Raises
    ------
    Unsupported
        Where one is given.
    """
    if a["dtype"] is not None:
        raise Unsupported(f"dtype={a['dtype']!r} rounds x, parameters and statistics to it, and has no place among the points here")


def statistics_dtype(a: Arguments) -> StatisticsDtype:
    """Give the dtype of statistics, which `force_float32_reductions` (linen's alone) decides."""
    return "widened" if a.get("force_float32_reductions", True) else "input"


def precision(a: Arguments) -> dict[str, Any]:
    """Give the fields that `dtype`, `use_fast_variance` and `force_float32_reductions` decide."""
    result_dtype(a)
    return {"variance": "one_pass" if a["use_fast_variance"] else "two_pass", "statistics_dtype": statistics_dtype(a)}


def of_the_weight(situation: Situation) -> None:
    """Refuse a situation in which what a wrapper gives is no longer of the weight's dtype.

    Raises
    ------
    Unsupported
        Where the promotion of the weight and what belongs to it is another.
    """
    weight, own = situation.dtype, situation.parameter_dtype
    if promote(weight, own) != weight:
        raise Unsupported(f"y has the promotion of the weight, {weight}, and of what the layer owns, {own}: no point here has that")


def axes_of(axes: Any) -> tuple[int, ...]:
    """Give axes that may be one as a tuple."""
    return (axes,) if isinstance(axes, int) else tuple(axes)


def one_or_more(axes: tuple[int, ...]) -> Any:
    """Give a tuple of axes as it is usually written: one as itself."""
    return axes[0] if len(axes) == 1 else axes


def reduced(s: Any) -> dict[str, Any]:
    """Give the arguments that say `axes` and `parameter_axes`. Without scale and shift nothing lies along `feature_axes`: any will do."""
    features = s.parameter_axes if s.scale or s.shift else s.axes
    return {"reduction_axes": one_or_more(s.axes), "feature_axes": one_or_more(features)}


def affine(s: Any) -> dict[str, Any]:
    """Give the arguments that say the fields which all layers with a mean and a variance have."""
    return {"epsilon": s.epsilon, "use_bias": s.shift, "use_scale": s.scale, "use_fast_variance": s.variance == "one_pass", **reductions(s)}


def reductions(s: Any) -> dict[str, Any]:
    """Give the argument of linen that says the dtype of statistics."""
    return {"force_float32_reductions": s.statistics_dtype != "input"}


def of_nnx(write: Write) -> Write:
    """Give what writes the arguments of a layer of nnx, which is told how many features there are.

    Where none of its arguments says along which axes they lie, there are as many as the spec has, wherever it has them.
    """

    def written(s: Any, situation: Situation) -> Arguments:
        arguments = {name: value for name, value in write(s, situation).items() if name != "force_float32_reductions"}
        named = next((arguments[name] for name in ("axis", "feature_axes") if name in arguments), None)
        axes = s.channel_axes if named is None else axes_of(named)
        return {"num_features": prod(situation.shape[a] for a in axes), **arguments, "rngs": Name("rngs")}

    return written


def of_wrapper(write: Write, *names: str) -> Write:
    """Give what writes the arguments of a layer that wraps another, and that is told these names besides."""
    return lambda s, situation: {"layer_instance": Name("layer"), **write(s, situation), **{name: Name(name) for name in names}}


def attributes(*names: str) -> Callable[[Any], Arguments]:
    """Give what reads arguments off a live module: attributes of these names, and functions that are not the default ones."""
    return lambda module: {**{name: getattr(module, name) for name in names}, **_functions(module)}


def _functions(module: Any) -> dict[str, Name]:
    """Give the functions that a module keeps and that are not the default ones. Most modules of nnx keep no initializer."""
    kept = {name: getattr(module, name) for name in FUNCTIONS if hasattr(module, name)}
    parameters = signature(type(module).__init__).parameters
    return {name: Name(getattr(f, "__name__", f)) for name, f in kept.items() if f is not parameters[name].default}


def nnx(layer: str, name: str, defaults: Arguments, **rest: Any) -> Entry:
    """Give the entry of a layer of nnx: what all have in common, and the rest, which may say otherwise."""
    shared: dict[str, Any] = {
        "source": f"{DOCS}flax.nnx/nn/normalization.html#flax.nnx.{name}",
        "positional": ("num_features",),
        "fixed": {**ALONE, **FUNCTIONS},
        "free": (*FREE, *OF_NNX),
        "sizes": {"num_features": int},
        "lie": "flat",
        "modes": ONE_MODE,
        "attributes": attributes("num_features", *defaults, *ALONE),
    }
    return _entry("nnx", layer, name, defaults, {**shared, **rest})


def linen(layer: str, name: str, defaults: Arguments, **rest: Any) -> Entry:
    """Give the entry of a layer of linen: what all have in common, and the rest, which may say otherwise."""
    shared: dict[str, Any] = {
        "source": f"{DOCS}flax.linen/layers.html#flax.linen.{name}",
        "fixed": {**ALONE, **BORN},
        "free": (*FREE, *OF_LINEN),
        "modes": ONE_LINEN_MODE,
        "attributes": attributes(*defaults, *ALONE),
    }
    return _entry("linen", layer, name, defaults, {**shared, **rest})


def _entry(variant: str, layer: str, name: str, defaults: Arguments, rest: Arguments) -> Entry:
    shared = {"versions": ">=0.12", "names": PARAMETERS, "ranks": range(1, 65), **rest}
    return Entry(native=f"flax.{variant}.{name}", layer=layer, variant=variant, defaults=defaults, **shared)
