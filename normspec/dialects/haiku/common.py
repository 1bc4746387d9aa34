"""What the layers of Haiku have in common: axes and data formats as they are told, dtypes, and what an entry is made of."""

import re
from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.layers.axes import resolve

DOCS = "https://dm-haiku.readthedocs.io/en/latest/api.html#haiku."

Arguments = Mapping[str, Any]

STANDARDIZED: dict[str, Any] = {
    "epsilon_place": "inside",
    "correction": 0,
    "statistics_dtype": "input",
    "output_dtype": "input",
    "one_value": "shift",
}
"""What every layer here has in common that takes a mean and a variance."""
PARAMETERS = {"scale": "scale", "shift": "offset"}
BORN: dict[str, Any] = {"scale_init": None, "offset_init": None}
ONE_MODE = dict.fromkeys(("train", "evaluate", "freeze"), "layer(x)")
FIRST, LAST = re.compile("channels_first|N?C[^C]*"), re.compile("channels_last|N?[^C]*C|BT?[^C]*D")


def channels(a: Arguments) -> int:
    """Give the axis of the channels.

    Raises
    ------
    Unsupported
        Where `data_format` is none that Haiku knows.
    """
    for pattern, axis in ((FIRST, 1), (LAST, -1)):
        if pattern.fullmatch(a["data_format"]):
            return axis
    raise Unsupported(f"data_format must be 'channels_first', 'channels_last' or such as 'NCHW', got {a['data_format']!r}")


def data_format(axis: int, rank: int) -> str:
    """Give the data format of channels along an axis, the last one where there is none."""
    return "channels_first" if resolve((axis,), rank, "channel_axes") == (1,) and rank > 2 else "channels_last"  # noqa: PLR2004 - a matrix' axis 1 is the last


def axes(told: Any, rank: int) -> tuple[int, ...]:
    """Give the axes that an integer, a slice or several integers say of an x of this rank.

    Raises
    ------
    Unsupported
        Where it is none of these.
    """
    if isinstance(told, slice):
        return tuple(range(rank))[told]
    if isinstance(told, int):
        return (told,)
    if isinstance(told, (tuple, list)):
        return tuple(told)
    raise Unsupported(f"axis must be an integer, a slice or several integers, got {told!r}")


def one_or_more(found: tuple[int, ...]) -> Any:
    """Give a tuple of axes as it is usually written: one as itself."""
    return found[0] if len(found) == 1 else found


def entry(layer: str, name: str, defaults: Arguments, positional: tuple[str, ...], **rest: Any) -> Entry:
    """Give the entry of a layer: what all have in common, and the rest, which may say otherwise."""
    shared: dict[str, Any] = {
        "native": f"haiku.{name}",
        "layer": layer,
        "variant": "",
        "versions": ">=0.0.17",
        "source": f"{DOCS}{name}",
        "ranks": range(1, 65),
        "positional": positional,
        "defaults": defaults,
        "fixed": BORN,
        "free": ("name",),
        "names": PARAMETERS,
        "modes": ONE_MODE,
    }
    return Entry(**{**shared, **rest})
