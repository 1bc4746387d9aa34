"""What several operations of TensorFlow have in common: moments that are given, and square roots as they are written."""

import math
import re
from ast import literal_eval
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from normspec.dialects.entry import Entry, Name
from normspec.errors import Unsupported
from normspec.records import Situation

DOCS = "https://www.tensorflow.org/api_docs/python/tf/"

COMMON: dict[str, Any] = {
    "epsilon_place": "inside",
    "correction": 0,
    "variance": "two_pass",
    "output_dtype": "input",
    "one_value": "shift",
}
"""What every operation here that has scale and offset has in common."""

PARAMETERS = {"scale": "scale", "shift": "offset"}
MOMENT = re.compile(r"tf\.nn\.moments\(x, (?:axes=)?([\[(][-\d, ]*[\])]), keepdims=True\)\[([01])\]")


def one_mode(call: str) -> dict[str, str]:
    """Give the modes of what is called in one way."""
    return dict.fromkeys(("train", "evaluate", "freeze"), call)


def moment(axes: tuple[int, ...], which: int) -> Name:
    """Give x's own mean (0) or variance (1) over these axes, as it stands in a call."""
    return Name(f"tf.nn.moments(x, axes={list(axes)}, keepdims=True)[{which}]")


def over(a: Mapping[str, Any]) -> tuple[int, ...]:
    """Give the axes of the moments that a call of batch_normalization takes from x itself.

    Raises
    ------
    Unsupported
        Where mean and variance are anything else.
    """
    found = [MOMENT.fullmatch(str(a[name])) for name in ("mean", "variance")]
    axes = [tuple(literal_eval(match[1])) for which, match in enumerate(found) if match and match[2] == str(which)]
    if len(axes) != len(found) or axes[0] != axes[1]:
        raise Unsupported(
            f"mean and variance must be x's own, {moment((0,), 0)} and {moment((0,), 1)}, got {a['mean']} and {a['variance']}"
        )
    return axes[0]


def of_moments(a: Mapping[str, Any], situation: Situation) -> dict[str, Any]:
    """Give the fields that both layers made of batch_normalization have."""
    scale, shift = a["scale"] is not None, a["offset"] is not None
    if (scale or shift) and situation.parameter_dtype != situation.dtype:
        raise Unsupported(f"scale and offset must have the dtype of x, {situation.dtype}, got {situation.parameter_dtype}")
    return {"epsilon": a["variance_epsilon"], "scale": scale, "shift": shift, "statistics_dtype": "input", **COMMON}


def written(s: Any, axes: tuple[int, ...]) -> dict[str, Any]:
    """Give the arguments of batch_normalization over x's own moments over these axes."""
    arrays = {"offset": Name("shift") if s.shift else None, "scale": Name("scale") if s.scale else None}
    return {"mean": moment(axes, 0), "variance": moment(axes, 1), **arrays, "variance_epsilon": s.epsilon}


def over_moments(layer: str, read: Callable[..., Any], write: Callable[..., Mapping[str, Any]]) -> Entry:
    """Give the entry of a layer that is made of batch_normalization over moments."""
    return Entry(
        native="tf.nn.batch_normalization",
        layer=layer,
        variant="",
        versions=">=2.21",
        source=f"{DOCS}nn/batch_normalization",
        ranks=range(1, 65),
        positional=("x", "mean", "variance", "offset", "scale", "variance_epsilon", "name"),
        defaults={},
        free=("x", "name"),
        names=PARAMETERS,
        modes=one_mode("tf.nn.batch_normalization(x, ...)"),
        read=read,
        write=write,
    )


def square(x: float) -> float:
    """Give x squared, with the decimals that are written: 1e-10 for 1e-05, where binary numbers give 1.0000000000000002e-10."""
    return float(Decimal(repr(float(x))) ** 2)


def root(x: float) -> float:
    """Give the number whose square, in decimals, is x, where there is one, and else one that is next to it: 1e-06 for 1e-12.

    Of two numbers with one square, which need 17 digits, it is the one that is written shorter.
    """
    near = math.sqrt(x)
    squares = {a: square(a) for a in (near, math.nextafter(near, 0.0), math.nextafter(near, math.inf))}
    asked = x if x in squares.values() else squares[near]
    return min((a for a in squares if squares[a] == asked), key=lambda a: (len(repr(a)), a))
