"""What the layers of Paddle have in common: where they are documented, their axes, names and modes."""

from collections.abc import Callable, Mapping
from typing import Any

from normspec.dialects.entry import Entry, Name
from normspec.errors import Unsupported
from normspec.records import Situation

DOCS = "https://www.paddlepaddle.org.cn/documentation/docs/en/api/"

Arguments = Mapping[str, Any]

COMMON: dict[str, Any] = {
    "epsilon_place": "inside",
    "correction": 0,
    "variance": "two_pass",
    "statistics_dtype": "widened",
    "output_dtype": "input",
    "one_value": "shift",
}
"""What every layer here has in common that takes a mean and a variance."""
PARAMETERS = {"scale": "weight", "shift": "bias"}
ONE_MODE = dict.fromkeys(("train", "evaluate", "freeze"), "layer(x)")
MODULE_MODES = {
    "train": "layer.train(); layer(x)",
    "evaluate": "layer.eval(); layer(x)",
    "freeze": "layer.eval() after every model.train(), which undoes it",
    "observe": "layer.train(); layer(x), whose result is not used",
}
FIRST = ("NC", "NCL", "NCHW", "NCDHW")
LAST = ("NLC", "NHWC", "NDHWC")
"""Data formats, in which the channels lie along the first axis after the samples', or along the last one, of ranks 3 to 5."""


def channel_axis(a: Arguments) -> int:
    """Give the axis along which the channels lie.

    Raises
    ------
    Unsupported
        Where the data format is none.
    """
    if a["data_format"] not in (*FIRST, *LAST):
        raise Unsupported(f"data_format must be one of {', '.join((*FIRST, *LAST))}, got {a['data_format']!r}")
    return 1 if a["data_format"] in FIRST else -1


def data_format(s: Any, situation: Situation) -> dict[str, str]:
    """Give the argument that puts the channels last, where they lie there and not first; without it, they lie first."""
    return {"data_format": LAST[len(situation.shape) - 3]} if _last(s, situation) else {}


def channels(s: Any, situation: Situation) -> int:
    """Give how many channels there are, as these arguments say where they lie."""
    return situation.shape[-1 if _last(s, situation) else 1]


def _last(s: Any, situation: Situation) -> bool:
    rank = len(situation.shape)
    return s.at_rank(rank).channel_axes == (rank - 1,) and 2 < rank <= len(LAST) + 2  # noqa: PLR2004 - of a matrix, both are one


def shared(a: Arguments) -> dict[str, bool]:
    """Give whether there are a scale and a shift: an attribute that is False makes none."""
    return {"scale": a["weight_attr"] is not False, "shift": a["bias_attr"] is not False}


def attributes_of(s: Any) -> dict[str, bool | None]:
    """Give the arguments of a layer that say whether there are a scale and a shift."""
    return {"weight_attr": None if s.scale else False, "bias_attr": None if s.shift else False}


def parameters(s: Any) -> dict[str, str | None]:
    """Give the arguments of a function that are parameters: our names for them, and None where there are none."""
    return {"weight": Name("scale") if s.scale else None, "bias": Name("shift") if s.shift else None}


def given(a: Arguments) -> dict[str, bool]:
    """Give whether a function is given a scale and a shift."""
    return {"scale": a["weight"] is not None, "shift": a["bias"] is not None}


def attributes(*names: str) -> Callable[[Any], Arguments]:
    """Give what reads arguments off a live layer: attributes of these names after an underscore, and whether it has parameters."""

    def found(layer: Any) -> Arguments:
        owned = vars(layer).get("_parameters", {})
        return {
            **{name: getattr(layer, f"_{name}") for name in names},
            "weight_attr": None if owned.get("weight", owned.get("scale")) is not None else False,
            "bias_attr": None if owned.get("bias") is not None else False,
        }

    return found


def entry(layer: str, name: str, ranks: range, defaults: Arguments, positional: tuple[str, ...], **rest: Any) -> Entry:
    """Give the entry of a layer, or of a function or hook by its name in `paddle.nn`: what all have in common, and the rest."""
    shared: dict[str, Any] = {
        "variant": "",
        "versions": ">=3.3",
        "source": f"{DOCS}paddle/nn/{name.replace('.', '/')}_en.html",
        "free": ("name",),
        "names": PARAMETERS,
        "modes": ONE_MODE,
    }
    return Entry(native=f"paddle.nn.{name}", layer=layer, ranks=ranks, defaults=defaults, positional=positional, **{**shared, **rest})


def function(layer: str, name: str, ranks: range, defaults: Arguments, positional: tuple[str, ...], **rest: Any) -> Entry:
    """Give the entry of a function that does what a layer does."""
    told = {"variant": "functional", "free": ("x", "name"), **rest}
    return entry(layer, f"functional.{name}", ranks, defaults, ("x", *positional), **told)
