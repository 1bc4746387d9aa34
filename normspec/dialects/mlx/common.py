"""What the layers of MLX have in common: names, modes, how they are documented, and the epsilon that they refuse."""

from collections.abc import Callable, Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.layers.fields import StatisticsDtype

DOCS = "https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn."

Arguments = Mapping[str, Any]

STANDARDIZED: dict[str, Any] = {"epsilon_place": "inside", "correction": 0, "variance": "two_pass"}
"""What every layer here has in common that takes a mean and a variance."""
PARAMETERS = {"scale": "weight", "shift": "bias"}
ONE_MODE = dict.fromkeys(("train", "evaluate", "freeze"), "layer(x)")


def epsilon(a: Arguments) -> float:
    """Give epsilon.

    Raises
    ------
    Unsupported
        Where it is not positive.
    """
    if a["eps"] <= 0:
        raise Unsupported(f"eps must be positive, got {a['eps']}")
    found: float = a["eps"]
    return found


def statistics_dtype(dtype: str) -> StatisticsDtype:
    """Give the rule of what `mx.fast.layer_norm` gives in this dtype: 16 bits are rounded to before it scales, and before it shifts."""
    return "float32" if dtype in ("float64", "float32") else "input"


def affine(module: Any) -> dict[str, bool]:
    """Give the argument of a live module that says whether it has a weight and a bias, which it keeps nowhere else."""
    return {"affine": "weight" in module}


def entry(layer: str, name: str, defaults: Arguments, size: str = "dims", **rest: Any) -> Entry:
    """Give the entry of a layer: what all have in common, and the rest, which may say otherwise. `size` is how many features there are."""
    shared: dict[str, Any] = {
        "positional": (size, *defaults),
        "sizes": {size: int},
        "names": PARAMETERS,
        "modes": ONE_MODE,
        "attributes": attributes(size, *(name for name in defaults if name != "affine")),
    }
    told = {**shared, **rest}
    return Entry(
        native=f"mlx.nn.{name}", layer=layer, variant="", versions=">=0.32", source=f"{DOCS}{name}.html", defaults=defaults, **told
    )


def attributes(*names: str) -> Callable[[Any], Arguments]:
    """Give what reads arguments off a live module: attributes of these names, and whether it has a weight."""
    return lambda module: {**{name: getattr(module, name) for name in names}, **affine(module)}
