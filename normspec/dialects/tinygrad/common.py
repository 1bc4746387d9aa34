"""What the layers of tinygrad have in common: names, modes, what they mean, and what an entry is made of."""

from collections.abc import Callable, Mapping
from typing import Any

from normspec.dialects.entry import Entry

DOCS = "https://docs.tinygrad.org/nn/#tinygrad.nn."
CODE = "https://github.com/tinygrad/tinygrad/blob/v0.14.0/tinygrad/mixin/op.py"
"""Where methods of tensors are, with their docstrings."""

Arguments = Mapping[str, Any]

STANDARDIZED: dict[str, Any] = {"epsilon_place": "inside", "correction": 0, "variance": "two_pass", "statistics_dtype": "input"}
"""What every layer here has in common that takes a mean and a variance."""
PARAMETERS = {"scale": "weight", "shift": "bias"}
ONE_MODE = dict.fromkeys(("train", "evaluate", "freeze"), "layer(x)")


def affine(s: Any, name: str) -> dict[str, bool]:
    """Give the argument that says whether there are a scale and a shift, which come together."""
    return {name: s.scale or s.shift}


def attributes(*names: str, affine: str) -> Callable[[Any], Arguments]:
    """Give what reads arguments off a live layer: attributes of these names, and whether it has a weight."""
    return lambda layer: {**{name: getattr(layer, name) for name in names}, affine: layer.weight is not None}


def entry(layer: str, name: str, defaults: Arguments, *required: str, **rest: Any) -> Entry:
    """Give the entry of a layer: what all have in common, and the rest, which may say otherwise. `required` come first."""
    shared: dict[str, Any] = {
        "native": f"tinygrad.nn.{name}",
        "source": f"{DOCS}{name}",
        "positional": (*required, *defaults),
        "names": PARAMETERS,
        "modes": ONE_MODE,
    }
    return Entry(layer=layer, variant="", versions=">=0.14", defaults=defaults, **{**shared, **rest})


def method(layer: str, name: str, defaults: Arguments, **rest: Any) -> Entry:
    """Give the entry of a method of tensors, which owns nothing."""
    modes = dict.fromkeys(ONE_MODE, f"x.{name}()")
    return entry(layer, name, defaults, native=f"tinygrad.Tensor.{name}", source=CODE, names={}, modes=modes, ranks=range(1, 65), **rest)
