"""What the layers of MindSpore have in common: where they are documented, dtypes, names and modes."""

from collections.abc import Callable, Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.records import Situation

DOCS = "https://www.mindspore.cn/docs/en/r2.10.0/api_python/"

Arguments = Mapping[str, Any]

COMMON: dict[str, Any] = {
    "epsilon_place": "inside",
    "correction": 0,
    "variance": "two_pass",
    "statistics_dtype": "input",
    "output_dtype": "input",
    "one_value": "shift",
}
"""What every layer here has in common that takes a mean and a variance."""
PARAMETERS = {"scale": "gamma", "shift": "beta"}
BORN = {"gamma_init": "ones", "beta_init": "zeros"}
"""As what parameters are born: what else they may be has no place among the points."""
ONE_MODE = dict.fromkeys(("train", "evaluate", "freeze"), "layer(x)")
MODULE_MODES = {
    "train": "layer.set_train(); layer(x)",
    "evaluate": "layer.set_train(False); layer(x)",
    "freeze": "layer.set_train(False) after every model.set_train(), which undoes it",
    "observe": "layer.set_train(); layer(x), whose result is not used",
}
NARROW = ("float16", "float32")
WIDE = (*NARROW, "float64")
RANKS = range(1, 9)
"""A tensor has at most eight axes."""


def of_dtype(situation: Situation, *known: str) -> None:
    """Refuse an x of another dtype than those that are documented.

    Raises
    ------
    Unsupported
        Where x has one.
    """
    if situation.dtype not in known:
        raise Unsupported(f"x must be of one of {', '.join(known)}, got {situation.dtype}")


def attributes(*names: str, affine: bool = False) -> Callable[[Any], Arguments]:
    """Give what reads arguments off a live layer: attributes of these names and, as `affine`, whether its parameters are trained."""
    return lambda layer: {
        **{name: getattr(layer, name) for name in names},
        **({"affine": layer.gamma.requires_grad} if affine else {}),
    }


def entry(layer: str, name: str, defaults: Arguments, *required: str, **rest: Any) -> Entry:
    """Give the entry of a layer by its name in `mindspore`: what all have in common, and the rest. `required` come first."""
    module, _, own = name.rpartition(".")
    shared: dict[str, Any] = {
        "variant": "",
        "versions": ">=2.10",
        "source": f"{DOCS}{module}/mindspore.{name}.html",
        "positional": (*required, *defaults),
        "names": PARAMETERS,
        "modes": ONE_MODE,
    }
    return Entry(native=f"mindspore.{module}.{own}", layer=layer, defaults=defaults, **{**shared, **rest})
