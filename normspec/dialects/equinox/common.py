"""What the layers of Equinox have in common: names, modes, and what an entry is made of."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry

DOCS = "https://docs.kidger.site/equinox/api/nn/normalisation/#equinox.nn."

Arguments = Mapping[str, Any]

STANDARDIZED: dict[str, Any] = {
    "epsilon_place": "inside",
    "correction": 0,
    "variance": "two_pass",
    "one_value": "shift",
}
"""What every layer here has in common that takes a mean and a variance."""
WIDENED: dict[str, Any] = {"statistics_dtype": "widened", "output_dtype": "input"}
PARAMETERS = {"scale": "weight", "shift": "bias"}
ONE_MODE = dict.fromkeys(("train", "evaluate", "freeze"), "jax.vmap(layer)(x)")


def entry(layer: str, name: str, defaults: Arguments, positional: tuple[str, ...], **rest: Any) -> Entry:
    """Give the entry of a layer: what all have in common, and the rest, which may say otherwise."""
    shared: dict[str, Any] = {
        "native": f"equinox.nn.{name}",
        "layer": layer,
        "variant": "",
        "versions": ">=0.13",
        "source": f"{DOCS}{name}",
        "ranks": range(1, 65),
        "positional": positional,
        "defaults": defaults,
        "free": ("dtype",),
        "names": PARAMETERS,
        "modes": ONE_MODE,
        "attributes": lambda module: {name: getattr(module, name) for name in defaults if hasattr(module, name)},
    }
    return Entry(**{**shared, **rest})
